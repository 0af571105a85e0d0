import type { Random } from '../ledger-simulator/random.ts'
import type { Reply, Request } from './client.ts'
import { weightedPicker, zipfPicker } from './pickers.ts'
import type { Person, Population, PublishedCard } from './population.ts'
import type { Read, Reads } from './reads.ts'
import { accountOf, type World } from './world.ts'

export interface Write {
  readonly kind: string
  readonly by: Person
  readonly request: Request
  /** Called at the answer; returns the reads that must show the write from then on. */
  acknowledge(reply: Reply): readonly Read[]
}

interface WrittenCard {
  id: string
  createdAt: string
  publishedAt: string
}

const weights = { edit: 40, publish: 15, unpublish: 8, draft: 7, rename: 10, transfer: 10, attribute: 10 }
const rewards = { citation: '0.1', remix: '0.5', reply: '0.05' } as const
const types = Object.keys(rewards) as (keyof typeof rewards)[]

/** The rows that one caller may write: nobody else writes them. */
interface Estate {
  /** They only ever pay, the others are only ever paid: a balance never returns to an earlier value. */
  readonly payers: readonly Person[]
  readonly earners: readonly Person[]
  readonly cards: readonly PublishedCard[]
}

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
  const pick = <Item>(items: readonly Item[]): Item => items[random.integer(items.length)] as Item
  const person = (userId: string) => [...payers, ...earners].find(({ id }) => id === userId) as Person
  const cardOf = (people: readonly Person[]) =>
    pick(cards.filter(({ userId }) => people.some(({ id }) => id === userId)))
  const added: { id: string; by: Person; category: string }[] = []
  const attributed = new Set(population.attributed)
  let count = 0
  const next = () => `${earners[0]?.username} ${++count}`
  const listsOf = (by: Person, category: string) => [
    accountOf(world, by.id).published,
    world.published,
    world.publishedIn.get(category),
  ]
  const pay = (from: Person, to: Person, amount: string): (() => void) => {
    const [payer, payee] = [accountOf(world, from.id).balance, accountOf(world, to.id).balance]
    const acknowledged = [payer.begin(sum(payer.latest, `-${amount}`)), payee.begin(sum(payee.latest, amount))]
    return () => {
      for (const done of acknowledged) done()
    }
  }

  const makers: Record<keyof typeof weights, () => Write> = {
    edit() {
      const { id, userId } = pickCard(random.next)
      const title = `Edited ${next()}`
      const acknowledged = world.titles.get(id)?.begin(title)
      return {
        kind: 'edit',
        by: person(userId),
        request: json('PATCH', `/api/cards/${id}`, { title }),
        acknowledge() {
          acknowledged?.()
          return [reads.card(id), reads.cardsOf(userId)]
        },
      }
    },
    publish() {
      const [by, category] = [pick(earners), pick(population.categories)]
      const card = { title: `Published ${next()}`, body: 'New.', privacyLevel: 'IDEAS', category }
      const { balance, own } = accountOf(world, by.id)
      const isPaid = balance.begin(sum(balance.latest, '1'))
      return {
        kind: 'publish',
        by,
        request: json('POST', '/api/cards', { cards: [card] }),
        acknowledge(reply) {
          const { id, publishedAt, createdAt } = (reply.json as { published: [WrittenCard] }).published[0]
          isPaid()
          added.push({ id, by, category })
          for (const members of listsOf(by, category)) members?.add(id, publishedAt)
          own.add(id, createdAt)
          const lists = [reads.frontPage(), reads.cardsOf(by.id), reads.category(category)]
          return [...lists, reads.balance(by.id), reads.card(id)]
        },
      }
    },
    unpublish() {
      const card = added.shift()
      if (card === undefined) return makers.publish()
      const { id, by, category } = card
      const removed = listsOf(by, category).map((members) => members?.beginRemoval(id))
      world.unpublishedAt.set(id, Number.POSITIVE_INFINITY)
      return {
        kind: 'unpublish',
        by,
        request: { method: 'POST', path: `/api/cards/${id}/unpublish` },
        acknowledge() {
          for (const done of removed) done?.()
          world.unpublishedAt.set(id, world.ticks.next())
          return [reads.card(id), reads.frontPage(), reads.cardsOf(by.id), reads.category(category)]
        },
      }
    },
    draft() {
      const by = pick(payers)
      return {
        kind: 'draft',
        by,
        request: json('POST', '/api/cards/drafts', { title: `Draft ${next()}`, body: '', privacyLevel: 'PRIVATE' }),
        acknowledge({ json }) {
          const { id, createdAt } = json as WrittenCard
          accountOf(world, by.id).own.add(id, createdAt)
          return [reads.mine(by.id)]
        },
      }
    },
    rename() {
      const by = pick([...payers, ...earners])
      const displayName = `Name ${next()}`
      const acknowledged = accountOf(world, by.id).name.begin(displayName)
      return {
        kind: 'rename',
        by,
        request: json('PATCH', `/api/users/${by.id}`, { displayName }),
        acknowledge() {
          acknowledged()
          return [reads.user(by.id), reads.cardsOf(by.id)]
        },
      }
    },
    transfer() {
      const [by, to, amount] = [pick(payers), pick(earners), '0.00000001']
      const paid = pay(by, to, amount)
      return {
        kind: 'transfer',
        by,
        request: json('POST', '/api/tokens/transfer', { toUserId: to.id, amount }),
        acknowledge() {
          paid()
          return [reads.balance(by.id), reads.balance(to.id)]
        },
      }
    },
    attribute() {
      const [source, target, type] = [cardOf(earners), cardOf(payers), pick(types)]
      const pair = `${source.id} ${target.id} ${type}`
      if (attributed.has(pair)) return makers.transfer()
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
          return [reads.backlinks(source.id), reads.received(to.id), reads.balance(by.id), reads.balance(to.id)]
        },
      }
    },
  }
  return () => makers[pickKind(random.next)]()
}

function json(method: 'POST' | 'PATCH', path: string, body: object): Request {
  return { method, path, body: JSON.stringify(body) }
}

const places = 8

/** The sum of two decimal texts, as the API writes it: with eight places. */
function sum(balance: string, change: string): string {
  const digits = (toUnits(balance) + toUnits(change)).toString().padStart(places + 1, '0')
  return `${digits.slice(0, -places)}.${digits.slice(-places)}`
}

function toUnits(amount: string): bigint {
  const [whole = '0', fraction = ''] = amount.split('.')
  return BigInt(whole + fraction.padEnd(places, '0'))
}
