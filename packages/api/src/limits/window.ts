/** An hour, in steps of a minute: a step's charges leave the window together, and never too early. */
const windowSeconds = 3600
export const steps = 60
export const stepMs = (windowSeconds * 1000) / steps

export interface Charge {
  readonly allowed: boolean
  /** Requests an hour. */
  readonly limit: number
  /** Requests left after this charge. */
  readonly remaining: number
  /** Seconds until more is left: for a refused charge, until it would be let through. */
  readonly resetSeconds: number
}

export interface StepCounts {
  /** Of the last one of `counts`. */
  readonly step: number
  readonly counts: readonly number[]
}

/**
 * A sliding window: the charges of the step under way and of the 60 before it. Whichever hour one looks at, no more than
 * the limit was let through in it; the price is that a charge counts for up to a minute longer. Its clock must not be set
 * back.
 */
export class SlidingWindow {
  /** Charges by step, in a ring: step n is at n % length. */
  readonly #counts = new Uint32Array(steps + 1)
  #step = Number.NEGATIVE_INFINITY
  #used = 0
  /** No step before this one holds a charge. */
  #oldest = 0

  /** A refused charge costs nothing. */
  charge(limit: number, cost: number, nowMs: number): Charge {
    this.#advance(Math.floor(nowMs / stepMs))
    const allowed = this.#used + cost <= limit
    if (allowed) this.#add(cost)
    const surplus = allowed ? 1 : this.#used + cost - limit
    return {
      allowed,
      limit,
      remaining: Math.max(0, limit - this.#used),
      resetSeconds: this.#secondsUntil(surplus, nowMs),
    }
  }

  /** Undoes a charge of this very moment. */
  giveBack(cost: number): void {
    this.#add(-cost)
  }

  /** Everything that is in it: charges by step, the newest step's last. */
  read(): StepCounts {
    const { length } = this.#counts
    const counts = Array.from({ length }, (_, n) => this.#counts[(this.#step + 1 + n) % length] ?? 0)
    return { step: this.#step, counts: counts.slice(counts.findIndex((count) => count > 0)) }
  }

  /** Takes over what another window had, in this one's steps. */
  add({ step, counts }: StepCounts, nowMs: number): void {
    const newest = Math.floor(nowMs / stepMs)
    this.#advance(newest)
    for (const [at, count] of counts.entries()) {
      // By clocks that differ a little, some may be yet to come.
      const of = Math.min(newest, step - counts.length + 1 + at)
      if (newest - of >= this.#counts.length) continue
      this.#counts[of % this.#counts.length] = (this.#counts[of % this.#counts.length] ?? 0) + count
      this.#used += count
    }
    this.#oldest = 0
  }

  #add(cost: number): void {
    const at = this.#step % this.#counts.length
    this.#counts[at] = (this.#counts[at] ?? 0) + cost
    this.#used += cost
  }

  #advance(step: number): void {
    const { length } = this.#counts
    for (let gone = Math.max(this.#step + 1, step - length + 1); gone <= step; gone++) {
      this.#used -= this.#counts[gone % length] ?? 0
      this.#counts[gone % length] = 0
    }
    this.#step = Math.max(this.#step, step)
  }

  /** The time until so much has left the window; an hour where that much is not in it. */
  #secondsUntil(surplus: number, nowMs: number): number {
    const { length } = this.#counts
    let gone = 0
    this.#oldest = Math.max(this.#oldest, this.#step - length + 1, 0)
    for (let step = this.#oldest; step <= this.#step; step++) {
      gone += this.#counts[step % length] ?? 0
      if (gone === 0 && step < this.#step) this.#oldest = step + 1
      if (gone >= surplus) return Math.max(1, Math.ceil(((step + length) * stepMs - nowMs) / 1000))
    }
    return windowSeconds
  }
}
