import type { Population } from './population.ts'
import { type Random, weightedPicker, zipfPicker } from './random.ts'
import type { Read, Reads } from './reads.ts'

/** What visitors ask for, in parts of a hundred. */
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

/** How many different reads there are. */
export function countReads({ people, cards, categories, otherUserIds }: Population): number {
  return 2 * cards.length + people.length * 5 + otherUserIds.length + categories.length + 1
}

/** Picks the next read of one who browses: what is popular, again and again. */
export function createVisitor(
  reads: Reads,
  { people, cards, categories, otherUserIds }: Population,
  { exponent, random }: { exponent: number; random: Random },
): () => Read {
  const pickKind = weightedPicker(weights)
  const pickCard = zipfPicker(cards, exponent)
  const personIds = people.map(({ id }) => id)
  const pickPerson = zipfPicker(personIds, exponent)
  const pickUser = zipfPicker([...personIds, ...otherUserIds], exponent)
  const pickCategory = zipfPicker(categories, exponent)
  const makers = {
    card: () => reads.card(pickCard(random).id),
    backlinks: () => reads.backlinks(pickCard(random).id),
    user: () => reads.user(pickUser(random)),
    cardsOf: () => reads.cardsOf(pickPerson(random)),
    category: () => reads.category(pickCategory(random)),
    frontPage: () => reads.frontPage(),
    received: () => reads.received(pickPerson(random)),
    balance: () => reads.balance(pickPerson(random)),
    mine: () => reads.mine(pickPerson(random)),
  } satisfies Record<keyof typeof weights, () => Read>
  return () => makers[pickKind(random)]()
}
