/** Numbers of pairs of objects, kept as long as a thread lives: of an author's contents, all but the newest's pairs are known. */
export interface PairMemo<Each extends object> {
  /** `compute` must give the same for the same two objects. */
  get(a: Each, b: Each, compute: (a: Each, b: Each) => number): number
}

/** Some 35 MB. Then all are forgotten: whoever has more pairs than that at once should not ask. */
export const mostPairsKept = 500_000

const serials = new WeakMap<object, number>()
let lastSerial = 0
const serialOf = (each: object): number => {
  const known = serials.get(each)
  if (known !== undefined) return known
  serials.set(each, ++lastSerial)
  return lastSerial
}

export function createPairMemo<Each extends object>(): PairMemo<Each> {
  const values = new Map<number, number>()
  return {
    get(a, b, compute) {
      // Both together stay a whole number up to 67 million objects.
      const key = serialOf(a) * 0x400_0000 + serialOf(b)
      const known = values.get(key)
      if (known !== undefined) return known
      if (values.size >= mostPairsKept) values.clear()
      const value = compute(a, b)
      values.set(key, value)
      return value
    },
  }
}
