import type { Ticks, Verdict } from './history.ts'

interface Member {
  readonly id: string
  /** Its place in a list that begins with the newest. */
  readonly at: string
  readonly addedAt: number
  removalBegunAt: number
  removedAt: number
}

/** The entries that a list must and must not show, from the entries that the driver added to it and removed. */
export class Membership {
  readonly #ticks: Ticks
  readonly #members = new Map<string, Member>()

  constructor(ticks: Ticks) {
    this.#ticks = ticks
  }

  /** Call it after the write that added the row was acknowledged; the write's answer tells the row's time. */
  add(id: string, time: string): void {
    const never = Number.POSITIVE_INFINITY
    this.#members.set(id, {
      id,
      at: sortable(time),
      addedAt: this.#ticks.next(),
      removalBegunAt: never,
      removedAt: never,
    })
  }

  /** Call it before the write is sent, and the returned function at its acknowledgement. */
  beginRemoval(id: string): () => void {
    const member = this.#members.get(id)
    if (member !== undefined) member.removalBegunAt = this.#ticks.next()
    return () => {
      if (member !== undefined) member.removedAt = this.#ticks.next()
    }
  }

  /** Judges a first page of `limit`, newest first, that was requested at `sentAt` and has just arrived. */
  judge(items: readonly { id: string; time: string }[], limit: number, sentAt: number): Verdict {
    const shown = new Set(items.map(({ id }) => id))
    const last = items.length < limit ? '' : sortable(items.at(-1)?.time ?? '')
    for (const { id, at, addedAt, removalBegunAt, removedAt } of this.#members.values()) {
      const mustShow = addedAt <= sentAt && removalBegunAt === Number.POSITIVE_INFINITY && at > last
      if (mustShow && !shown.has(id)) return 'stale'
      if (removedAt <= sentAt && shown.has(id)) return 'stale'
    }
    return 'fresh'
  }
}

/** PostgreSQL leaves out a fraction's last zeros; padded, times compare as text. */
function sortable(time: string): string {
  const [seconds = '', fraction = ''] = time.replace('Z', '').split('.')
  return `${seconds}.${fraction.padEnd(6, '0')}`
}
