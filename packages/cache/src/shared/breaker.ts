import type { Clock } from '../clock.ts'

export type BreakerState = 'open' | 'half-open' | 'closed'

export interface BreakerOptions {
  /** Failures in a row that open it. */
  readonly failures: number
  /** How long it stays open before one call may try again. */
  readonly cooldownMs: number
  readonly clock: Clock
  readonly onChange: (state: BreakerState) => void
}

/** Keeps callers away from a store that does not answer: after some failures in a row nothing is tried for a while, then one call. */
export class Breaker {
  #state: BreakerState = 'closed'
  #failures = 0
  #retryAt = 0
  readonly #options: BreakerOptions

  constructor(options: BreakerOptions) {
    this.#options = options
  }

  get state(): BreakerState {
    return this.#state
  }

  /** True where a call may be made. A caller that got `true` must report `succeeded` or `failed`. */
  allow(): boolean {
    if (this.#state === 'closed') return true
    if (this.#options.clock.now() < this.#retryAt) return false
    // One call at a time: the next may try when this one's cooldown is over, should it never report.
    this.#retryAt = this.#options.clock.now() + this.#options.cooldownMs
    this.#become('half-open')
    return true
  }

  succeeded(): void {
    this.#failures = 0
    this.#become('closed')
  }

  failed(): void {
    this.#failures += 1
    if (this.#state === 'half-open' || this.#failures >= this.#options.failures) this.trip()
  }

  /** Opens it at once. */
  trip(): void {
    this.#retryAt = this.#options.clock.now() + this.#options.cooldownMs
    this.#become('open')
  }

  #become(state: BreakerState): void {
    if (state === this.#state) return
    this.#state = state
    this.#options.onChange(state)
  }
}
