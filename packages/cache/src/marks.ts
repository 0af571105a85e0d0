/** When a tag was last expired softly: its place in the sequence, and the local time. */
export interface SoftMark {
  readonly seq: number
  readonly at: number
}

/**
 * What was invalidated, and in which order. One counter, `seq`, grows with every invalidation; each tag and key remembers the
 * counter's value at its last one. Whatever was read from the source when the counter stood at `s` is current for as long as
 * none of its tags, nor its key, carries a mark above `s`.
 *
 * An invalidation costs one map write per tag, however many entries there are. Memory is bounded: past `limit` marks the
 * oldest tenth is forgotten and `floor` rises to the youngest of them, which makes everything read before it count as invalid.
 */
export class Marks {
  /** The number of invalidations so far. A snapshot for a load is this number, taken before the load begins. */
  seq = 0
  #floor = 0
  readonly #tags = new Map<string, number>()
  readonly #keys = new Map<string, number>()
  readonly #soft = new Map<string, SoftMark>()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  /** How many marks are remembered. */
  get size(): number {
    return this.#tags.size + this.#keys.size + this.#soft.size
  }

  /** What was read before now and carries one of these tags, or is stored under one of these keys, is no longer current. */
  invalidate(tags: readonly string[], keys: readonly string[] = []): void {
    this.seq += 1
    for (const tag of tags) put(this.#tags, tag, this.seq)
    for (const key of keys) put(this.#keys, key, this.seq)
    this.#forget(this.#tags, (seq) => seq)
    this.#forget(this.#keys, (seq) => seq)
  }

  /** What was read before now and carries one of these tags is stale from `at` on: it may be served while it is refreshed. */
  expire(tags: readonly string[], at: number): void {
    this.seq += 1
    const mark = { seq: this.seq, at }
    for (const tag of tags) put(this.#soft, tag, mark)
    this.#forget(this.#soft, ({ seq }) => seq)
  }

  /** Nothing that was read before now is current. */
  invalidateAll(): void {
    this.seq += 1
    this.#floor = this.seq
    this.#tags.clear()
    this.#keys.clear()
    this.#soft.clear()
  }

  /** True where nothing that a value with this key and these tags depends on was invalidated after `seq`. */
  isCurrent(seq: number, key: string, tags: readonly string[]): boolean {
    if (seq === this.seq) return true
    if (seq < this.#floor) return false
    if ((this.#keys.get(key) ?? 0) > seq) return false
    for (const tag of tags) if ((this.#tags.get(tag) ?? 0) > seq) return false
    return true
  }

  /** The earliest time after `seq` at which one of these tags was expired softly. */
  expiredAt(seq: number, tags: readonly string[]): number | undefined {
    if (this.#soft.size === 0) return undefined
    let earliest: number | undefined
    for (const tag of tags) {
      const mark = this.#soft.get(tag)
      if (mark !== undefined && mark.seq > seq && mark.at < (earliest ?? Number.POSITIVE_INFINITY)) earliest = mark.at
    }
    return earliest
  }

  /** Maps keep the order of insertion, and `put` moves a mark to the end: the first marks are the oldest. */
  #forget<T>(marks: Map<string, T>, seqOf: (mark: T) => number): void {
    if (marks.size <= this.#limit) return
    let excess = marks.size - Math.floor(this.#limit * 0.9)
    for (const [name, mark] of marks) {
      if (excess-- <= 0) break
      this.#floor = Math.max(this.#floor, seqOf(mark))
      marks.delete(name)
    }
  }
}

function put<T>(marks: Map<string, T>, name: string, mark: T): void {
  marks.delete(name)
  marks.set(name, mark)
}
