import type { SubscribedItem, SubscriptionChange } from '@extropy/db'

/** What changed between two answers, whatever their order; undefined where both say the same. */
export function differenceOf(
  before: readonly SubscribedItem[],
  after: readonly SubscribedItem[],
): SubscriptionChange | undefined {
  const gone = missingIn(after, before)
  const fresh = missingIn(before, after)
  if (gone.length === 0 && fresh.length === 0) return undefined
  const changed: { before: SubscribedItem; after: SubscribedItem }[] = []
  for (const item of gone.slice()) {
    const at = fresh.findIndex(({ contentId }) => contentId === item.contentId)
    if (at === -1) continue
    gone.splice(gone.indexOf(item), 1)
    changed.push({ before: item, after: fresh.splice(at, 1)[0] as SubscribedItem })
  }
  return { new: fresh, gone, changed }
}

/** What a source has brought: it forgets the oldest of many, and none of it ever goes. */
export function additionsOf(
  before: readonly SubscribedItem[],
  after: readonly SubscribedItem[],
): SubscriptionChange | undefined {
  const known = new Set(before.map(({ contentId }) => contentId))
  const fresh = after.filter(({ contentId }) => !known.has(contentId))
  return fresh.length === 0 ? undefined : { new: fresh, gone: [], changed: [] }
}

/** A receipt's id says when it was read, which is no change: an item is its content and its words. */
function missingIn(others: readonly SubscribedItem[], items: readonly SubscribedItem[]): SubscribedItem[] {
  const known = new Set(others.map(keyOf))
  return items.filter((item) => !known.has(keyOf(item)))
}

const keyOf = ({ contentId, text }: SubscribedItem) => `${contentId} ${text}`
