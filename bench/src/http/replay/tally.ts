import type { Reply } from './client.ts'
import type { Verdict } from './history.ts'
import type { Read } from './reads.ts'

interface Count {
  reads: number
  hits: number
  stale: number
}

/** What came of the reads. */
export interface Tally {
  readonly byKind: ReadonlyMap<string, Count>
  /** One count for each second of the run. */
  readonly bySecond: readonly Count[]
  /** The reads that follow a write at once: nearly all of them have to miss. */
  readonly afterWrites: Count
  readonly writes: ReadonlyMap<string, number>
  /** Whether any answer said `X-Cache`. */
  readonly hasCache: boolean
  readonly unknown: number
  /** The first answers that were wrong. */
  readonly examples: readonly string[]
}

const none = (): Count => ({ reads: 0, hits: 0, stale: 0 })
const maxExamples = 5

export function createTally(startedAt: number) {
  const byKind = new Map<string, Count>()
  const bySecond: Count[] = []
  const afterWrites = none()
  const writes = new Map<string, number>()
  const examples: string[] = []
  let hasCache = false
  let unknown = 0
  const add = (count: Count, reply: Reply, verdict: Verdict) => {
    count.reads++
    if (reply.cache === 'HIT') count.hits++
    if (verdict === 'stale') count.stale++
  }
  return {
    read({ kind, request }: Read, reply: Reply, verdict: Verdict, isAfterWrite: boolean): void {
      hasCache ||= reply.cache !== undefined
      if (verdict === 'unknown') unknown++
      if (verdict !== 'fresh' && examples.length < maxExamples) {
        examples.push(
          `${verdict}${isAfterWrite ? ', right after the write' : ''}: ${request.path}: ${reply.status}, X-Cache ${reply.cache}: ${JSON.stringify(reply.json).slice(0, 300)}`,
        )
      }
      if (isAfterWrite) {
        add(afterWrites, reply, verdict)
        return
      }
      const second = Math.floor((performance.now() - startedAt) / 1000)
      while (bySecond.length <= second) bySecond.push(none())
      add(bySecond[second] ?? none(), reply, verdict)
      const count = byKind.get(kind) ?? none()
      byKind.set(kind, count)
      add(count, reply, verdict)
    },
    wrote(kind: string): void {
      writes.set(kind, (writes.get(kind) ?? 0) + 1)
    },
    result: (): Tally => ({ byKind, bySecond, afterWrites, writes, hasCache, unknown, examples }),
  }
}
