import type { HttpRequest } from '../http-request.ts'
import { minus, plus } from './amounts.ts'
import type { Reply } from './client.ts'
import type { Person, Population, PublishedCard } from './population.ts'
import { type Random, weightedPicker, zipfPicker } from './random.ts'
import type { Read, Reads } from './reads.ts'
import { accountOf, titleOf, type World } from './world.ts'

/** What one of the callers may write: nobody else writes it. */
export interface Estate {
  /** They only ever pay, the others are only ever paid: a balance never comes back to what it was. */
  readonly payers: readonly Person[]
  readonly earners: readonly Person[]
  readonly cards: readonly PublishedCard[]
}

export interface Write {
  readonly kind: string
  readonly by: Person
  readonly request: HttpRequest
  /** Called at the answer. */
  acknowledge(reply: Reply): void
  /** What must show it from then on. */
  readonly shownBy: (reply: Reply) => readonly Read[]
}

interface WrittenCard {
  id: string
  title: string
  createdAt: string
  publishedAt: string
}

const weights = { edit: 40, publish: 15, unpublish: 8, draft: 7, rename: 10, transfer: 10, attribute: 10 }
const rewards = { citation: '0.1', remix: '0.5', reply: '0.05' } as const
const types = Object.keys(rewards) as (keyof typeof rewards)[]

/** The caller's `n`-th part of everything. */
export function estateOf({ people, cards }: Population, n: number, callers: number): Estate {
  const mine = people.filter((_, at) => at % callers === n)
  const half = Math.ceil(mine.length / 2)
  return {
    payers: mine.slice(0, half),
    earners: mine.slice(half),
    cards: cards.filter(({ userId }) => mine.some(({ id }) => id === userId)),
  }
}

/** Makes one caller's writes, of all kinds, one after the other. */
export function createWrites(
  world: World,
  reads: Reads,
  { payers, earners, cards }: Estate,
  { population, exponent, random }: { population: Population; exponent: number; random: Random },
): () => Write {
  const pickKind = weightedPicker(weights)
  const pickCard = zipfPicker(cards, exponent)
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item
  const person = (userId: string) => [...payers, ...earners].find(({ id }) => id === userId) as Person
  const added: { id: string; by: Person; category: string }[] = []
  const attributed = new Set(population.attributed)
  let count = 0
  const next = () => `${earners[0]?.username} ${++count}`

  const edit = (): Write => {
    const card = pickCard(random)
    const title = `Edited ${next()}`
    const acknowledge = titleOf(world, card.id).begin(title)
    return {
      kind: 'edit',
      by: person(card.userId),
      request: json('PATCH', `/api/cards/${card.id}`, { title }),
      acknowledge,
      shownBy: () => [reads.card(card.id), reads.cardsOf(card.userId)],
    }
  }

  const publish = (): Write => {
    const by = pick(earners)
    const category = pick(population.categories)
    const title = `Published ${next()}`
    const { balance, published, own } = accountOf(world, by.id)
    const isPaid = balance.begin(plus(balance.latest, '1'))
    return {
      kind: 'publish',
      by,
      request: json('POST', '/api/cards', { cards: [{ title, body: 'New.', privacyLevel: 'IDEAS', category }] }),
      acknowledge({ json }) {
        const [card] = (json as { published: WrittenCard[] }).published
        if (card === undefined) throw new Error('a published card is not in the answer')
        isPaid()
        added.push({ id: card.id, by, category })
        for (const members of [published, world.published, world.publishedIn.get(category)]) {
          members?.add(card.id, card.publishedAt)
        }
        own.add(card.id, card.createdAt)
      },
      shownBy: ({ json }) => [
        reads.frontPage(),
        reads.cardsOf(by.id),
        reads.category(category),
        reads.balance(by.id),
        ...(json as { published: WrittenCard[] }).published.map(({ id }) => reads.card(id)),
      ],
    }
  }

  const unpublish = (): Write => {
    const card = added.shift()
    if (card === undefined) return publish()
    const { id, by, category } = card
    const lists = [accountOf(world, by.id).published, world.published, world.publishedIn.get(category)]
    const removed = lists.map((members) => members?.beginRemoval(id))
    world.unpublishedAt.set(id, Number.POSITIVE_INFINITY)
    return {
      kind: 'unpublish',
      by,
      request: { method: 'POST', path: `/api/cards/${id}/unpublish` },
      acknowledge() {
        for (const done of removed) done?.()
        world.unpublishedAt.set(id, world.ticks.next())
      },
      shownBy: () => [reads.card(id), reads.frontPage(), reads.cardsOf(by.id), reads.category(category)],
    }
  }

  const draft = (): Write => {
    const by = pick(payers)
    return {
      kind: 'draft',
      by,
      request: json('POST', '/api/cards/drafts', { title: `Draft ${next()}`, body: '', privacyLevel: 'PRIVATE' }),
      acknowledge({ json }) {
        const { id, createdAt } = json as WrittenCard
        accountOf(world, by.id).own.add(id, createdAt)
      },
      shownBy: () => [reads.mine(by.id)],
    }
  }

  const rename = (): Write => {
    const by = pick([...payers, ...earners])
    const displayName = `Name ${next()}`
    return {
      kind: 'rename',
      by,
      request: json('PATCH', `/api/users/${by.id}`, { displayName }),
      acknowledge: accountOf(world, by.id).name.begin(displayName),
      shownBy: () => [reads.user(by.id), reads.cardsOf(by.id)],
    }
  }

  const transfer = (): Write => {
    const [by, to] = [pick(payers), pick(earners)]
    const amount = '0.00000001'
    return {
      kind: 'transfer',
      by,
      request: json('POST', '/api/tokens/transfer', { toUserId: to.id, amount }),
      acknowledge: pay(by, to, amount),
      shownBy: () => [reads.balance(by.id), reads.balance(to.id)],
    }
  }

  const attribute = (): Write => {
    const source = pick(cards.filter(({ userId }) => earners.some(({ id }) => id === userId)))
    const target = pick(cards.filter(({ userId }) => payers.some(({ id }) => id === userId)))
    const type = pick(types)
    const pair = `${source.id} ${target.id} ${type}`
    if (attributed.has(pair)) return transfer()
    attributed.add(pair)
    const [by, to] = [person(target.userId), person(source.userId)]
    const paid = pay(by, to, rewards[type])
    return {
      kind: 'attribute',
      by,
      request: json('POST', '/api/attributions', { sourceCardId: source.id, targetCardId: target.id, type }),
      acknowledge({ json }) {
        paid()
        const { id, createdAt } = json as WrittenCard
        world.backlinks.get(source.id)?.add(id, createdAt)
        accountOf(world, to.id).received.add(id, createdAt)
      },
      shownBy: () => [reads.backlinks(source.id), reads.received(to.id), reads.balance(by.id), reads.balance(to.id)],
    }
  }

  const pay = (from: Person, to: Person, amount: string): (() => void) => {
    const [payer, payee] = [accountOf(world, from.id).balance, accountOf(world, to.id).balance]
    const acknowledged = [payer.begin(minus(payer.latest, amount)), payee.begin(plus(payee.latest, amount))]
    return () => {
      for (const done of acknowledged) done()
    }
  }

  const makers = { edit, publish, unpublish, draft, rename, transfer, attribute }
  return () => makers[pickKind(random)]()
}

function json(method: 'POST' | 'PATCH', path: string, body: object): HttpRequest {
  return { method, path, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}
