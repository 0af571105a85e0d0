import type { HttpRequest } from '../http-request.ts'
import type { Reply } from './client.ts'
import type { Verdict } from './history.ts'
import type { Membership } from './membership.ts'
import { accountOf, type World } from './world.ts'

export interface Read {
  readonly kind: string
  readonly request: HttpRequest
  /** Whose key is sent; undefined: anyone's, or none. */
  readonly as?: 'admin' | { readonly userId: string }
  /** What the model makes of the answer to a read that was sent at this tick. */
  judge(reply: Reply, sentAt: number): Verdict
}

interface CardItem {
  id: string
  userId: string
  title: string
  displayName?: string
  publishedAt: string
  createdAt: string
}
interface AttributionItem {
  id: string
  createdAt: string
  targetCardId: string
  targetTitle: string
}

const pageLimit = 20

/** Every read of the replay, each with the check of all that its answer says of what the driver writes. */
export function createReads(world: World) {
  const title = (cardId: string, value: string, sentAt: number) => world.titles.get(cardId)?.judge(value, sentAt)
  const name = (userId: string, value: string | undefined, sentAt: number) =>
    value === undefined ? undefined : world.accounts.get(userId)?.name.judge(value, sentAt)

  const list = <Item extends { id: string }>(
    kind: string,
    path: string,
    members: Membership | undefined,
    timeOf: (item: Item) => string,
    judgeItem: (item: Item, sentAt: number) => (Verdict | undefined)[],
  ): Read => ({
    kind,
    request: { path },
    judge: ({ status, json }, sentAt) => {
      if (status !== 200) return 'unknown'
      const { items } = json as { items: Item[] }
      const page = items.map((item) => ({ id: item.id, time: timeOf(item) }))
      return worst([members?.judge(page, pageLimit, sentAt), ...items.flatMap((item) => judgeItem(item, sentAt))])
    },
  })
  const cardList = (kind: string, path: string, members: Membership | undefined) =>
    list<CardItem>(
      kind,
      path,
      members,
      ({ publishedAt }) => publishedAt,
      (card, sentAt) => [title(card.id, card.title, sentAt), name(card.userId, card.displayName, sentAt)],
    )
  const attributionList = (kind: string, path: string, members: Membership | undefined) =>
    list<AttributionItem>(
      kind,
      path,
      members,
      ({ createdAt }) => createdAt,
      (item, sentAt) => [title(item.targetCardId, item.targetTitle, sentAt)],
    )

  return {
    card: (id: string): Read => ({
      kind: 'a card',
      request: { path: `/api/cards/${id}` },
      judge: ({ status, json }, sentAt) => {
        const takenBackAt = world.unpublishedAt.get(id)
        if (takenBackAt !== undefined && takenBackAt <= sentAt) return status === 404 ? 'fresh' : 'stale'
        if (status === 404) return takenBackAt === undefined ? 'stale' : 'fresh'
        if (status !== 200) return 'unknown'
        const card = json as CardItem
        return worst([title(id, card.title, sentAt), name(card.userId, card.displayName, sentAt)])
      },
    }),
    frontPage: (): Read => cardList('cards', '/api/cards?limit=20', world.published),
    category: (category: string): Read =>
      cardList('cards of a category', `/api/cards?category=${category}`, world.publishedIn.get(category)),
    cardsOf: (userId: string): Read =>
      cardList('cards of a user', `/api/cards?userId=${userId}`, world.accounts.get(userId)?.published),
    mine: (userId: string): Read => ({
      ...list<CardItem>(
        "one's own cards",
        '/api/cards/mine',
        accountOf(world, userId).own,
        ({ createdAt }) => createdAt,
        (card, sentAt) => [title(card.id, card.title, sentAt)],
      ),
      as: { userId },
    }),
    user: (id: string): Read => ({
      kind: 'a user',
      request: { path: `/api/users/${id}` },
      judge: ({ status, json }, sentAt) =>
        status === 200 ? worst([name(id, (json as { displayName: string }).displayName, sentAt)]) : 'unknown',
    }),
    balance: (userId: string): Read => ({
      kind: 'a balance',
      as: 'admin',
      request: { path: `/api/tokens/balance/${userId}` },
      judge: ({ status, json }, sentAt) =>
        status === 200
          ? accountOf(world, userId).balance.judge((json as { balance: string }).balance, sentAt)
          : 'unknown',
    }),
    backlinks: (cardId: string): Read =>
      attributionList('attributions of a card', `/api/attributions/${cardId}`, world.backlinks.get(cardId)),
    received: (userId: string): Read =>
      attributionList(
        'attributions of a user',
        `/api/attributions/received/${userId}`,
        accountOf(world, userId).received,
      ),
  }
}

export type Reads = ReturnType<typeof createReads>

/** Undefined: the answer shows something that nobody changes. */
function worst(verdicts: readonly (Verdict | undefined)[]): Verdict {
  if (verdicts.includes('stale')) return 'stale'
  return verdicts.includes('unknown') ? 'unknown' : 'fresh'
}
