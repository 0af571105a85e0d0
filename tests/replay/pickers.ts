import { createRandom } from '../ledger-simulator/random.ts'

/** Picks from `items`: the first one most often, the n-th with a weight of 1 / n^exponent. */
export function zipfPicker<Item>(items: readonly Item[], exponent: number): (random: () => number) => Item {
  const bounds: number[] = []
  let sum = 0
  for (let rank = 1; rank <= items.length; rank++) {
    sum += rank ** -exponent
    bounds.push(sum)
  }
  return (random) => {
    const at = random() * sum
    let [low, high] = [0, items.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((bounds[middle] ?? 0) < at) low = middle + 1
      else high = middle
    }
    return items[low] as Item
  }
}

/** Picks a key with the probability that its weight has among all. */
export function weightedPicker<Key extends string>(
  weights: Readonly<Record<Key, number>>,
): (random: () => number) => Key {
  const keys = (Object.entries(weights) as [Key, number][]).flatMap(([key, weight]) => Array<Key>(weight).fill(key))
  return (random) => keys[Math.floor(random() * keys.length)] as Key
}

/** The same order for the same seed. */
export function shuffled<Item>(items: readonly Item[], seed: number): Item[] {
  const { next } = createRandom(seed)
  return items
    .map((item) => ({ item, place: next() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item)
}
