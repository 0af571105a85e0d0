import type { Invalidation } from '../stores/store.ts'

/** Beyond this many names, everything is invalidated instead: 10,000 names of 40 characters are half a megabyte. */
const LIMIT = 10_000

/** Invalidations that the shared store has not heard of, merged. */
export class PendingInvalidations {
  readonly #hard = new Set<string>()
  readonly #soft = new Set<string>()
  readonly #keys = new Set<string>()
  #all = false

  get size(): number {
    return this.#hard.size + this.#soft.size + this.#keys.size + (this.#all ? 1 : 0)
  }

  add({ tags, keys, soft, all }: Invalidation): void {
    for (const tag of tags) (soft ? this.#soft : this.#hard).add(tag)
    for (const key of keys) this.#keys.add(key)
    this.#all ||= all || this.size > LIMIT
    if (this.#all) this.#forgetNames()
  }

  /** Takes out what shall be sent next. `undefined` where nothing is left. */
  take(): Invalidation | undefined {
    const next = this.#next()
    if (next === undefined) return undefined
    if (next.all) this.#all = false
    else if (next.soft) this.#soft.clear()
    else {
      this.#hard.clear()
      this.#keys.clear()
    }
    return next
  }

  #next(): Invalidation | undefined {
    if (this.#all) return { tags: [], keys: [], soft: false, all: true }
    if (this.#hard.size + this.#keys.size > 0) {
      return { tags: [...this.#hard], keys: [...this.#keys], soft: false, all: false }
    }
    if (this.#soft.size > 0) return { tags: [...this.#soft], keys: [], soft: true, all: false }
    return undefined
  }

  #forgetNames(): void {
    this.#hard.clear()
    this.#soft.clear()
    this.#keys.clear()
  }
}
