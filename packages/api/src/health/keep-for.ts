import type { Deps } from '../context.ts'

type Parts = Pick<Deps, 'db' | 'databaseStats'>

/**
 * Calls `make` once for all concurrent callers, and keeps its answer for `ms` after it came. A failure is
 * not kept. With 0 ms, calls are only shared while they are under way. Kept by `databaseStats`: each request has a `db`
 * of its own, on the same connections.
 */
export function keepFor<Value, Given extends Parts = Parts>(
  ms: number,
  make: (db: Deps['db'], parts: Given) => Promise<Value>,
): (parts: Given) => Promise<Value> {
  const kept = new WeakMap<Parts['databaseStats'], { until: number; readonly answer: Promise<Value> }>()
  return (parts) => {
    const { db, databaseStats } = parts
    const found = kept.get(databaseStats)
    if (found !== undefined && performance.now() < found.until) return found.answer
    const made = { until: Number.POSITIVE_INFINITY, answer: make(db, parts) }
    kept.set(databaseStats, made)
    made.answer.then(
      () => {
        made.until = performance.now() + ms
      },
      () => {
        made.until = 0
      },
    )
    return made.answer
  }
}
