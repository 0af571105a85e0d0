import { createTicks, History, type Ticks } from './history.ts'
import { Membership } from './membership.ts'
import type { Population } from './population.ts'

interface Account {
  readonly name: History
  readonly balance: History
  /** Everything published, and all that the user wrote. */
  readonly published: Membership
  readonly own: Membership
  readonly received: Membership
}

/** The facts that the driver knows: it wrote them, and the server acknowledged the write. */
export interface World {
  readonly ticks: Ticks
  readonly accounts: ReadonlyMap<string, Account>
  readonly titles: ReadonlyMap<string, History>
  readonly published: Membership
  readonly publishedIn: ReadonlyMap<string, Membership>
  /** Attributions by the cited card. */
  readonly backlinks: ReadonlyMap<string, Membership>
  /** Cards that were published and taken back: since when the taking back is acknowledged. */
  readonly unpublishedAt: Map<string, number>
}

/** `ticks` tell when a write was acknowledged, and when a read was sent. */
export function createWorld({ people, cards, categories }: Population, ticks: Ticks = createTicks()): World {
  const members = () => new Membership(ticks)
  const account = ({ displayName, balance }: Population['people'][0]): Account => ({
    name: new History(ticks, displayName),
    balance: new History(ticks, balance),
    published: members(),
    own: members(),
    received: members(),
  })
  return {
    ticks,
    accounts: new Map(people.map((person) => [person.id, account(person)])),
    titles: new Map(cards.map(({ id, title }) => [id, new History(ticks, title)])),
    published: members(),
    publishedIn: new Map(categories.map((category) => [category, members()])),
    backlinks: new Map(cards.map(({ id }) => [id, members()])),
    unpublishedAt: new Map(),
  }
}

export function accountOf(world: World, userId: string): Account {
  const account = world.accounts.get(userId)
  if (account === undefined) throw new Error(`${userId} is nobody of the replay`)
  return account
}
