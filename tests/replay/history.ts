/** Counts events, in the order in which the driver sees them. */
export interface Ticks {
  next(): number
}

export function createTicks(): Ticks {
  let now = 0
  return { next: () => ++now }
}

export type Verdict = 'fresh' | 'stale' | 'unknown'

interface Version {
  readonly value: string
  acknowledgedAt: number
}

/**
 * The past, present and possible next values of one thing. One writer writes it, and never the same value twice, so that an
 * answer tells exactly which of its versions was read: one that was replaced, acknowledged, before the read was sent is stale.
 */
export class History {
  readonly #ticks: Ticks
  readonly #versions: Version[]

  constructor(ticks: Ticks, first: string) {
    this.#ticks = ticks
    this.#versions = [{ value: first, acknowledgedAt: 0 }]
  }

  /** The newest one, acknowledged or not. */
  get latest(): string {
    return (this.#versions.at(-1) as Version).value
  }

  /** Call it before the write is sent, and the returned function at its acknowledgement. After a failed write, either value may hold. */
  begin(value: string): () => void {
    const version = { value, acknowledgedAt: Number.POSITIVE_INFINITY }
    this.#versions.push(version)
    return () => {
      version.acknowledgedAt = this.#ticks.next()
    }
  }

  /** Judges a read that was sent at `sentAt` and gave `value`. */
  judge(value: string, sentAt: number): Verdict {
    for (const version of this.#versions.toReversed()) {
      if (version.value === value) return 'fresh'
      if (version.acknowledgedAt <= sentAt)
        return this.#versions.some((one) => one.value === value) ? 'stale' : 'unknown'
    }
    return 'unknown'
  }
}
