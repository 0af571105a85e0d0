/** Numbers from 0 to 1, the same ones for the same seed (mulberry32). */
export type Random = () => number

export function createRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Picks from `items`: the first one most often, the n-th with a weight of 1 / n^exponent. */
export function zipfPicker<Item>(items: readonly Item[], exponent: number): (random: Random) => Item {
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
export function weightedPicker<Key extends string>(weights: Readonly<Record<Key, number>>): (random: Random) => Key {
  const entries = Object.entries(weights) as [Key, number][]
  const sum = entries.reduce((total, [, weight]) => total + weight, 0)
  return (random) => {
    let left = random() * sum
    for (const [key, weight] of entries) {
      left -= weight
      if (left < 0) return key
    }
    return (entries.at(-1) as [Key, number])[0]
  }
}
