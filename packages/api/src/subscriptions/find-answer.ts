import { type Database, rawRead, type SubscribedItem, type SubscriptionKind } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import { answerQuestion } from '../answer/answer.ts'
import type { Deps } from '../context.ts'
import { searchPrompt } from '../search/rag.ts'

export interface Watched {
  readonly kind: SubscriptionKind
  readonly input: Readonly<Record<string, unknown>>
  /** Contents that a source has brought since then belong to its answer, also where a later look did not meet them. Left out: none. */
  readonly since?: string
}

/** The most contents of a source that are remembered as seen. */
const mostSeen = 1000

/**
 * What a subscription's answer says now. Always extracted: a language model says the same in other words each time, and every
 * recomputation would be a difference.
 */
export async function findAnswer(
  deps: Deps,
  { kind, input, since }: Watched,
  seen: readonly SubscribedItem[],
  signal: AbortSignal,
): Promise<SubscribedItem[]> {
  if (kind === 'source') return findContents(deps, String(input.sourceId), { seen, since })
  const { question, ...filter } = input as { question: string; nResults: number }
  const prompt = { prompt: question, groupBy: 'passage', ...filter } as const
  if (kind === 'search') {
    const { results } = await searchPrompt(deps, { ...prompt, groupBy: 'content' })
    return results.map(({ content, passage }) => ({ contentId: content.id, text: passage.text, receipts: [] }))
  }
  const items: SubscribedItem[] = []
  const options = { signal, onWriterError: () => {} }
  for await (const event of await answerQuestion({ ...deps, writer: undefined }, prompt, options)) {
    if (event.type !== 'sentence') continue
    const { text, receipts, citations } = event
    const contentId = receipts[0]?.contentId ?? citations[0]?.split(':')[0] ?? ''
    items.push({ contentId, text, receipts: receipts.map(({ id }) => id) })
  }
  return items
}

/** Those that its last look met, and those of earlier ones: what a source has brought does not go again. */
async function findContents(
  { db }: Deps,
  sourceId: string,
  { seen, since }: { readonly seen: readonly SubscribedItem[]; readonly since: string | undefined },
): Promise<SubscribedItem[]> {
  const source = await db
    .selectFrom('sources')
    .select(['platform', 'target'])
    .where('id', '=', sourceId)
    .executeTakeFirst()
  if (source === undefined) return [...seen]
  const look = await db
    .selectFrom('looks')
    .select('contentIds')
    .where('platform', '=', source.platform)
    .where('target', '=', source.target)
    .executeTakeFirst()
  const lastMet = new Set(look?.contentIds)
  const met = new Set([...lastMet, ...(since === undefined ? [] : await metSince(db, source, since))])
  const known = new Set(seen.map(({ contentId }) => contentId))
  const ids = [...met].filter((id) => !known.has(id))
  const contents =
    ids.length === 0 ? [] : await db.selectFrom('contents').select(['id', 'title']).where('id', 'in', ids).execute()
  const fresh = contents.map(({ id, title }) => ({ contentId: id, text: title, receipts: [] }))
  // What the source still shows is forgotten last, or the next look would bring it as new.
  const isThere = ({ contentId }: SubscribedItem) => lastMet.has(contentId)
  const items = [...fresh, ...seen.filter(isThere), ...seen.filter((item) => !isThere(item))]
  return items.slice(0, Math.max(mostSeen, met.size))
}

/** Two looks may end between two answers, and the row of looks is of the last one. Each of them wrote that row, which is read above. */
async function metSince(
  db: Kysely<Database>,
  { platform, target }: { readonly platform: string; readonly target: string },
  since: string,
): Promise<string[]> {
  const { rows } = await rawRead(
    ['looks'],
    sql<{ id: string }>`
    select content_id as id from content_origins
    where platform = ${platform} and target = ${target} and first_met_at >= ${since}::timestamptz
    order by first_met_at desc limit ${sql.lit(mostSeen)}`,
  ).execute(db)
  return rows.map(({ id }) => id)
}
