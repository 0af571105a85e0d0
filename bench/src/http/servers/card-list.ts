/** What the peers' card lists have in common with Extropy's: the same rows in the same form. */
export interface CardRow {
  readonly id: string
  readonly publishedAt: string
}

/** Extropy's `nextCursor`: the sort key of the page's last row. The list asked for one row more than the page has. */
export function toCardPage<Row extends CardRow>(
  rows: Row[],
  limit: number,
): { items: Row[]; nextCursor: string | null } {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  if (rows.length <= limit || last === undefined) return { items, nextCursor: null }
  const key = JSON.stringify(['cards.published', [last.publishedAt, last.id]])
  return { items, nextCursor: Buffer.from(key).toString('base64url') }
}
