import { Stop } from './fetched.ts'

/** One time limit over several stretches; between them the clock stands still. */
export class TimeLimit {
  readonly #limitMs: number
  readonly #controller = new AbortController()
  readonly #signal: AbortSignal
  readonly #forward = () => this.#controller.abort(this.#signal.reason)
  #spentMs = 0
  #startedAt: number | undefined
  #timer: NodeJS.Timeout | undefined
  expired = false

  constructor(limitMs: number, signal: AbortSignal) {
    this.#limitMs = limitMs
    this.#signal = signal
    signal.addEventListener('abort', this.#forward, { once: true })
  }

  get elapsedMs(): number {
    return this.#spentMs + (this.#startedAt === undefined ? 0 : performance.now() - this.#startedAt)
  }

  get problem() {
    return new Stop('failed', 'timeout', `Nothing complete came within ${this.#limitMs} ms.`).problem
  }

  start(): AbortSignal {
    this.#startedAt = performance.now()
    this.#timer = setTimeout(
      () => {
        this.expired = true
        this.#controller.abort(new Error('the time is over'))
      },
      Math.max(this.#limitMs - this.#spentMs, 0),
    )
    return this.#controller.signal
  }

  pause() {
    clearTimeout(this.#timer)
    this.#spentMs = this.elapsedMs
    this.#startedAt = undefined
  }

  stop() {
    this.pause()
    this.#signal.removeEventListener('abort', this.#forward)
  }
}
