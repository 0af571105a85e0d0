import type { Reply, Request } from './client.ts'
import type { Verdict } from './history.ts'
import type { Membership } from './membership.ts'
import { accountOf, type World } from './world.ts'

export interface Read {
  readonly kind: string
  readonly request: Request
  /** The user whose key is sent; undefined: anyone's, or none. */
  readonly as?: 'admin' | { readonly userId: string }
  /** The model's judgement of the answer to a read that was sent at this tick. */
  judge(reply: Reply, sentAt: number): Verdict
}

/** Undefined: the answer shows something that nobody changes. */
type Found = Verdict | undefined

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

/** Every read of the replay, each with a check of everything in its answer that the driver writes. */
export function createReads(world: World) {
  const title = (cardId: string, value: string, sentAt: number) => world.titles.get(cardId)?.judge(value, sentAt)
  const name = (userId: string, value: string | undefined, sentAt: number) =>
    value === undefined ? undefined : world.accounts.get(userId)?.name.judge(value, sentAt)

  const read = <Body>(kind: string, path: string, judge: (body: Body, sentAt: number) => readonly Found[]): Read => ({
    kind,
    request: { path },
    judge: ({ status, json }, sentAt) => (status === 200 ? worst(judge(json as Body, sentAt)) : 'unknown'),
  })
  const list = <Item extends { id: string }>(
    kind: string,
    path: string,
    members: Membership | undefined,
    time: keyof Item,
    judgeItem: (item: Item, sentAt: number) => readonly Found[],
  ): Read =>
    read<{ items: Item[] }>(kind, path, ({ items }, sentAt) => {
      const page = items.map((item) => ({ id: item.id, time: String(item[time]) }))
      return [members?.judge(page, pageLimit, sentAt), ...items.flatMap((item) => judgeItem(item, sentAt))]
    })
  const judgeCard = ({ id, title: text, userId, displayName }: CardItem, sentAt: number) => [
    title(id, text, sentAt),
    name(userId, displayName, sentAt),
  ]
  const cardList = (kind: string, path: string, members: Membership | undefined) =>
    list<CardItem>(kind, path, members, 'publishedAt', judgeCard)
  const attributionList = (kind: string, path: string, members: Membership | undefined) =>
    list<AttributionItem>(kind, path, members, 'createdAt', ({ targetCardId, targetTitle }, sentAt) => [
      title(targetCardId, targetTitle, sentAt),
    ])

  return {
    card(id: string): Read {
      const card = read('a card', `/api/cards/${id}`, judgeCard)
      return {
        ...card,
        judge(reply, sentAt) {
          const takenBackAt = world.unpublishedAt.get(id)
          if (takenBackAt !== undefined && takenBackAt <= sentAt) return reply.status === 404 ? 'fresh' : 'stale'
          if (reply.status === 404) return takenBackAt === undefined ? 'stale' : 'fresh'
          return card.judge(reply, sentAt)
        },
      }
    },
    frontPage: () => cardList('cards', `/api/cards?limit=${pageLimit}`, world.published),
    category: (category: string) =>
      cardList('cards of a category', `/api/cards?category=${category}`, world.publishedIn.get(category)),
    cardsOf: (userId: string) =>
      cardList('cards of a user', `/api/cards?userId=${userId}`, world.accounts.get(userId)?.published),
    mine: (userId: string): Read => ({
      ...list<CardItem>("one's own cards", '/api/cards/mine', accountOf(world, userId).own, 'createdAt', judgeCard),
      as: { userId },
    }),
    user: (id: string) =>
      read<{ displayName: string }>('a user', `/api/users/${id}`, ({ displayName }, sentAt) => [
        name(id, displayName, sentAt),
      ]),
    balance: (userId: string): Read => ({
      ...read<{ balance: string }>('a balance', `/api/tokens/balance/${userId}`, ({ balance }, sentAt) => [
        accountOf(world, userId).balance.judge(balance, sentAt),
      ]),
      as: 'admin',
    }),
    backlinks: (cardId: string) =>
      attributionList('attributions of a card', `/api/attributions/${cardId}`, world.backlinks.get(cardId)),
    received: (userId: string) =>
      attributionList(
        'attributions of a user',
        `/api/attributions/received/${userId}`,
        accountOf(world, userId).received,
      ),
  }
}

export type Reads = ReturnType<typeof createReads>

function worst(verdicts: readonly Found[]): Verdict {
  if (verdicts.includes('stale')) return 'stale'
  return verdicts.includes('unknown') ? 'unknown' : 'fresh'
}
