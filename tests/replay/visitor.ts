import type { Random } from '../ledger-simulator/random.ts'
import { weightedPicker, zipfPicker } from './pickers.ts'
import type { Population } from './population.ts'
import type { Read, Reads } from './reads.ts'

/** Shares of the visitors' requests, in per cent. */
const weights = {
  card: 35,
  backlinks: 15,
  user: 15,
  cardsOf: 10,
  category: 8,
  frontPage: 8,
  received: 3,
  balance: 3,
  mine: 3,
}

/** Picks the next read of a visitor who browses: popular things, again and again. */
export function createVisitor(
  reads: Reads,
  { people, cards, categories, otherUserIds }: Population,
  exponent: number,
  { next }: Random,
): () => Read {
  const pickKind = weightedPicker(weights)
  const pickCard = zipfPicker(cards, exponent)
  const personIds = people.map(({ id }) => id)
  const pickPerson = zipfPicker(personIds, exponent)
  const pickUser = zipfPicker([...personIds, ...otherUserIds], exponent)
  const pickCategory = zipfPicker(categories, exponent)
  const makers: Record<keyof typeof weights, () => Read> = {
    card: () => reads.card(pickCard(next).id),
    backlinks: () => reads.backlinks(pickCard(next).id),
    user: () => reads.user(pickUser(next)),
    cardsOf: () => reads.cardsOf(pickPerson(next)),
    category: () => reads.category(pickCategory(next)),
    frontPage: () => reads.frontPage(),
    received: () => reads.received(pickPerson(next)),
    balance: () => reads.balance(pickPerson(next)),
    mine: () => reads.mine(pickPerson(next)),
  }
  return () => makers[pickKind(next)]()
}
