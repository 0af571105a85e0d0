/** mulberry32: the same seed, the same numbers. */
export function createRandom(seed: number) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    /** 0 to 1. */
    next,
    /** 0 to `below` - 1. */
    integer: (below: number) => Math.floor(next() * below),
  }
}

export type Random = ReturnType<typeof createRandom>
