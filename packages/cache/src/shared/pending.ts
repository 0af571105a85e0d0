import type { Invalid } from '../channel.ts'

/** Beyond this many tags, everything is invalidated instead: 10,000 tags of 40 characters are half a megabyte. */
const mostTags = 10_000

/** Invalidations that the shared store has not heard of, merged. */
export class PendingInvalidations {
  readonly #tags = new Set<string>()
  #all = false

  get size(): number {
    return this.#all ? 1 : this.#tags.size
  }

  add(what: Invalid): void {
    if (what === 'all') this.#all = true
    else for (const tag of what) this.#tags.add(tag)
    this.#all ||= this.#tags.size > mostTags
    if (this.#all) this.#tags.clear()
  }

  /** Takes out the next invalidation to send. `undefined` where none is left. */
  take(): Invalid | undefined {
    if (this.size === 0) return undefined
    const next = this.#all ? 'all' : [...this.#tags]
    this.#all = false
    this.#tags.clear()
    return next
  }
}
