import type { SubscribedItem, SubscriptionKind } from '@extropy/db'
import { answerQuestion } from '../answer/answer.ts'
import type { Deps } from '../context.ts'
import { searchPrompt } from '../search/rag.ts'

export interface Watched {
  readonly kind: SubscriptionKind
  readonly input: Readonly<Record<string, unknown>>
}

/** The most contents of a source that are remembered as seen. */
const mostSeen = 1000

/**
 * What a subscription's answer says now. Always extracted: a language model says the same in other words each time, and every
 * recomputation would be a difference.
 */
export async function findAnswer(
  deps: Deps,
  { kind, input }: Watched,
  seen: readonly SubscribedItem[],
  signal: AbortSignal,
): Promise<SubscribedItem[]> {
  if (kind === 'source') return findContents(deps, String(input.sourceId), seen)
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
  seen: readonly SubscribedItem[],
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
  const known = new Set(seen.map(({ contentId }) => contentId))
  const ids = (look?.contentIds ?? []).filter((id) => !known.has(id))
  if (ids.length === 0) return [...seen]
  const contents = await db.selectFrom('contents').select(['id', 'title']).where('id', 'in', ids).execute()
  const fresh = contents.map(({ id, title }) => ({ contentId: id, text: title, receipts: [] }))
  return [...fresh, ...seen].slice(0, mostSeen)
}
