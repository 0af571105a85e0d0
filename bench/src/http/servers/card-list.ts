import pg from 'pg'
import { setting } from './listening.ts'

/** The columns that the peers' list has in common with Extropy's. A new column of a card goes in here. */
export const cardFields = {
  id: ['cards.id', 'uuid'],
  userId: ['cards.user_id', 'uuid'],
  title: ['cards.title', 'text'],
  body: ['cards.body', 'text'],
  tags: ['cards.tags', 'texts'],
  category: ['cards.category', 'text or null'],
  contentId: ['cards.content_id', 'uuid or null'],
  // Joined: a parent that is not published stays hidden.
  parentCardId: ['parent.id', 'uuid or null'],
  slug: ['cards.slug', 'text'],
  publishedAt: ['cards.published_at', 'text'],
  createdAt: ['cards.created_at', 'text'],
  username: ['users.username', 'text'],
  displayName: ['users.display_name', 'text'],
} as const

type Fields = typeof cardFields
export type FieldType = Fields[keyof Fields][1]

/** One entry for each field. */
export function perField<Value>(make: (type: FieldType) => Value): Record<keyof Fields, Value> {
  const entries = Object.entries(cardFields).map(([name, [, type]]) => [name, make(type)])
  return Object.fromEntries(entries) as Record<keyof Fields, Value>
}

/** `cards.user_id as userId` and its like. */
export const selections = Object.entries(cardFields).map(([name, [column]]) => `${column} as ${name}`) as {
  [Name in keyof Fields]: `${Fields[Name][0]} as ${Name}`
}[keyof Fields][]

/** Extropy's `nextCursor`: the sort key of the page's last row. The list asked for one row more than the page has. */
export function toCardPage<Row extends { readonly id: string; readonly publishedAt: string }>(
  rows: Row[],
  limit: number,
): { items: Row[]; nextCursor: string | null } {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  if (rows.length <= limit || last === undefined) return { items, nextCursor: null }
  const key = JSON.stringify(['cards.published', [last.publishedAt, last.id]])
  return { items, nextCursor: Buffer.from(key).toString('base64url') }
}

const timestamptzOid = 1184

/**
 * A pool of as many connections as Extropy keeps open; with pg's default of 10 the peers were no faster. Times are ISO
 * 8601 text with their microseconds, as Extropy answers, and cheaper than a Date.
 */
export const openPool = () =>
  new pg.Pool({
    connectionString: setting('DATABASE_URL'),
    max: 20,
    options: '-c TimeZone=UTC',
    types: {
      getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
        oid === timestamptzOid
          ? (value: string) => `${value.slice(0, 10)}T${value.slice(11, -3)}Z`
          : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
    },
  })
