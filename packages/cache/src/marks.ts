/**
 * The invalidations so far, in their order. One counter, `seq`, grows with every invalidation; each tag remembers the
 * counter's value at its last one. A value that was read from the source when the counter stood at `s` is current for as
 * long as none of its tags carries a mark above `s`.
 *
 * An invalidation costs one map write per tag, however many entries there are. Memory is bounded: past `limit` marks the
 * oldest tenth is forgotten and `floor` rises to the youngest of them, which makes everything read before it count as invalid.
 */
export class Marks {
  /** The number of invalidations so far. A load takes this number before it begins. */
  seq = 0
  #floor = 0
  readonly #tags = new Map<string, number>()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  /** How many marks are remembered. */
  get size(): number {
    return this.#tags.size
  }

  /** From now on, a value read earlier that carries one of these tags is not current. */
  invalidate(tags: readonly string[]): void {
    this.seq += 1
    for (const tag of tags) {
      // Deleted first, so that the map keeps the order of the last invalidations: its first marks are the oldest.
      this.#tags.delete(tag)
      this.#tags.set(tag, this.seq)
    }
    if (this.#tags.size > this.#limit) this.#forgetOldest()
  }

  /** Nothing that was read before now is current. */
  invalidateAll(): void {
    this.seq += 1
    this.#floor = this.seq
    this.#tags.clear()
  }

  /** True where nothing that a value with these tags depends on was invalidated after `seq`. */
  isCurrent(seq: number, tags: readonly string[]): boolean {
    if (seq === this.seq) return true
    if (seq < this.#floor) return false
    for (const tag of tags) if ((this.#tags.get(tag) ?? 0) > seq) return false
    return true
  }

  #forgetOldest(): void {
    let excess = this.#tags.size - Math.floor(this.#limit * 0.9)
    for (const [tag, seq] of this.#tags) {
      if (excess-- <= 0) break
      this.#floor = Math.max(this.#floor, seq)
      this.#tags.delete(tag)
    }
  }
}
