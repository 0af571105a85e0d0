import type { Clock } from './clock.ts'
import { LoadTimeoutError } from './errors.ts'

/** A load's result. */
export interface Loaded {
  readonly value: unknown
  readonly tags: readonly string[]
  /** The invalidation sequence before the load began. */
  readonly seq: number
  /** Another instance had it. */
  readonly shared: boolean
  /** Local time at which it was read from its source. */
  readonly createdAt: number
}

export interface FlightOptions {
  readonly key: string
  /** `undefined` where they will be known only from the result. */
  readonly tags: readonly string[] | undefined
  readonly clock: Clock
  readonly loadTimeoutMs: number
  readonly run: (flight: Flight) => Promise<Loaded>
  readonly onSettled: (flight: Flight) => void
  /** The loader failed, or took too long. Not called where everyone left. */
  readonly onFailed: (error: unknown) => void
}

/** One load of one key, and the callers that wait for it. */
export class Flight {
  readonly key: string
  readonly tags: readonly string[] | undefined
  /** Resolves when its outcome is final. */
  readonly over: Promise<void>
  readonly #controller = new AbortController()
  readonly #result: Promise<Loaded>
  readonly #onSettled: (flight: Flight) => void
  #abandon: (reason: unknown) => void = () => undefined
  #waiting = 0
  #settled = false
  #seq: number | undefined

  constructor({ key, tags, clock, loadTimeoutMs, run, onSettled, onFailed }: FlightOptions) {
    this.key = key
    this.tags = tags
    this.#onSettled = onSettled
    this.#result = new Promise<Loaded>((resolve, reject) => {
      const end = (finish: () => void): void => {
        if (this.#settled) return
        this.#settled = true
        cancel()
        this.#onSettled(this)
        finish()
      }
      const fail = (error: unknown): void => {
        end(() => {
          onFailed(error)
          reject(error)
          this.#controller.abort(error)
        })
      }
      this.#abandon = (reason) => {
        end(() => {
          reject(reason)
          this.#controller.abort(reason)
        })
      }
      const cancel = clock.setTimer(() => fail(new LoadTimeoutError(key, loadTimeoutMs)), loadTimeoutMs)
      run(this).then((loaded) => end(() => resolve(loaded)), fail)
    })
    // Callers that wait get the rejection; a flight that nobody waits for must not end the process.
    this.over = this.#result.then(
      () => undefined,
      () => undefined,
    )
  }

  /** The source is about to be read, at this place in the order of invalidations. */
  begin(seq: number): void {
    this.#seq = seq
  }

  /** The invalidation sequence before the source was read; `undefined` where that has not begun. */
  get seq(): number | undefined {
    return this.#seq
  }

  /** Aborted at the deadline, and when all waiting callers have gone. Handed to the loader. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** True once the outcome is final: a later result is dropped. */
  get settled(): boolean {
    return this.#settled
  }

  /** Keeps the load going even where all callers leave. */
  keep(): void {
    this.#waiting += 1
  }

  /** The result; or a rejection with the signal's reason as soon as it aborts, which the load survives while others wait. */
  join(signal: AbortSignal | undefined): Promise<Loaded> {
    this.#waiting += 1
    if (signal === undefined) return this.#result
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting -= 1
        reject(signal.reason)
        if (this.#waiting === 0) this.#abandon(signal.reason)
      }
      if (signal.aborted) {
        leave()
        return
      }
      signal.addEventListener('abort', leave, { once: true })
      this.#result.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
    })
  }
}
