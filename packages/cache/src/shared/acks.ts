import type { Clock } from '../clock.ts'
import type { Invalidated } from '../stores/store.ts'

interface Waiting {
  readonly seq: number
  readonly silent: Set<string>
  /** Called when nobody is silent any more. */
  readonly heard: () => void
}

interface Hold {
  readonly seq: number
  readonly silent: Set<string>
  readonly holdMs: number
  /** May end before `holdMs`, when everyone was heard. */
  readonly early: boolean
}

/** The other instances' acknowledgements of this instance's invalidations. */
export class Acks {
  readonly #clock: Clock
  readonly #upTo = new Map<string, number>()
  readonly #waiting = new Set<Waiting>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  received(from: string, seq: number): void {
    this.#upTo.set(from, Math.max(seq, this.#upTo.get(from) ?? 0))
    for (const each of this.#waiting) {
      if (each.seq <= seq && each.silent.delete(from) && each.silent.size === 0) each.heard()
    }
  }

  /**
   * Resolves when every member but `self` has acknowledged, or after `holdMs`, by which time the leases of the others have run
   * out or were renewed after they had caught up. Answers those that stayed silent. A `young` store does not know all its
   * members, so that only time can tell.
   */
  async all({ seq, members, young }: Invalidated, self: string, holdMs: number): Promise<Map<string, number>> {
    const silent = new Set([...members.keys()].filter((each) => each !== self && (this.#upTo.get(each) ?? 0) < seq))
    if (silent.size > 0 || young !== undefined) await this.#hold({ seq, silent, holdMs, early: young === undefined })
    return new Map([...silent].map((member) => [member, members.get(member) ?? 0]))
  }

  #hold({ seq, silent, holdMs, early }: Hold): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#waiting.delete(waiting)
        cancel()
        resolve()
      }
      const cancel = this.#clock.setTimer(done, holdMs)
      const waiting: Waiting = { seq, silent, heard: early ? done : () => undefined }
      this.#waiting.add(waiting)
    })
  }

  /** The sequence begins anew. */
  reset(): void {
    this.#upTo.clear()
  }
}
