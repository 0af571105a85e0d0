import type { Reports, Topic } from './messages.ts'
import { sumCounts } from './sum-metrics.ts'

/** A worker as the one who gathers sees it. */
export interface Teller {
  askFor(id: number, topic: Topic): void
}

/** A worker that stands still is not waited for longer: what it said last stands for it. */
const waitMs = 1000

/**
 * Gathers what workers say of themselves. What one said last stands for it while it does not answer; what it had counted stays in the
 * sums when it has ended, for a counter that falls would look like a restart.
 */
export function createReports() {
  const last = new Map<Teller, Partial<Reports>>()
  const gathering = new Map<number, { readonly missing: Set<Teller>; readonly done: () => void }>()
  let gone: Promise<Reports['metrics']> = Promise.resolve([])
  let rounds = 0

  return {
    join: (teller: Teller) => void last.set(teller, {}),
    /** `id` where it was asked for it. */
    tell<T extends Topic>(from: Teller, topic: T, report: Reports[T], id?: number) {
      if (last.has(from)) last.set(from, { ...last.get(from), [topic]: report })
      const round = id === undefined ? undefined : gathering.get(id)
      if (round?.missing.delete(from) && round.missing.size === 0) round.done()
    },
    /** From all but the one who asks. */
    async gather<T extends Topic>(asker: Teller, topic: T): Promise<readonly Reports[T][]> {
      const others = [...last.keys()].filter((each) => each !== asker)
      const id = ++rounds
      const { promise, resolve } = Promise.withResolvers<void>()
      gathering.set(id, { missing: new Set(others), done: resolve })
      const timer = setTimeout(resolve, waitMs)
      for (const each of others) each.askFor(id, topic)
      if (others.length > 0) await promise
      clearTimeout(timer)
      gathering.delete(id)
      const reports = others.flatMap((each) => {
        const report = last.get(each)?.[topic]
        return report === undefined ? [] : [report as Reports[T]]
      })
      return topic === 'metrics' ? [...reports, (await gone) as Reports[T]] : reports
    },
    leave(teller: Teller) {
      const { metrics } = last.get(teller) ?? {}
      last.delete(teller)
      // Counts that do not fit to the others are left out, and the others stay.
      if (metrics !== undefined) gone = gone.then((before) => sumCounts([before, metrics]).catch(() => before))
      for (const { missing, done } of gathering.values()) if (missing.delete(teller) && missing.size === 0) done()
    },
  }
}
