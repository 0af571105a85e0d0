import type { Deps } from '../context.ts'
import type { WorkerPart } from '../worker-part.ts'
import { countEntries } from './count-entries.ts'

type Asked = Pick<Deps, 'cache' | 'databaseStats' | 'replicaReads' | 'intake' | 'recall' | 'eventLoopMaxMs'>

export function workerPart({ cache, databaseStats, replicaReads, intake, recall, eventLoopMaxMs }: Asked): WorkerPart {
  const { hits, staleHits, misses, stores, refused, evictions, maxEntries, bytes, shared } = cache.stats()
  const { pool, lane } = databaseStats()
  const { active, expired } = countEntries(cache)
  const fetched = intake?.stats()
  return {
    cache: {
      ...{ hits, staleHits, misses, stores, refused, maxEntries, bytes, active, expired },
      evictions,
      shared: shared === undefined ? null : { state: shared.state, breaker: shared.breaker, pending: shared.pending },
    },
    database: { pool, lane },
    replicaReads: replicaReads?.counts() ?? null,
    intake: { fetches: Object.fromEntries(fetched?.fetches ?? []), lanes: fetched?.lanes ?? { waiting: 0, held: 0 } },
    recall: recall?.() ?? { recallAt10: null, samples: 0 },
    memoryBytes: process.memoryUsage.rss(),
    uptimeSeconds: Math.round(process.uptime()),
    eventLoopMaxMs: eventLoopMaxMs?.() ?? 0,
  }
}

/** Counts and sizes add up; of the longest stops and of uptimes the longest counts, and one that is cut off from Redis is enough. */
export function addUp(parts: readonly [WorkerPart, ...WorkerPart[]]): WorkerPart {
  const [first] = parts
  const shared = parts.map(({ cache }) => cache.shared).filter((each) => each !== null)
  const replicaReads = parts.map((part) => part.replicaReads).filter((each) => each !== null)
  const lanes = parts.map(({ database }) => database.lane).filter((each) => each !== undefined)
  return {
    cache: {
      ...sumOf(parts.map(({ cache: { evictions: _, shared: __, ...counts } }) => counts)),
      evictions: sumOf(parts.map(({ cache }) => cache.evictions)),
      shared:
        shared[0] === undefined
          ? null
          : {
              ...(shared.find(({ state }) => state === 'offline') ?? shared[0]),
              pending: shared.reduce((sum, { pending }) => sum + pending, 0),
            },
    },
    database: {
      pool: sumOf(parts.map(({ database }) => database.pool)),
      lane: lanes[0] === undefined ? undefined : sumOf(lanes),
    },
    replicaReads: replicaReads[0] === undefined ? null : sumOf(replicaReads),
    intake: {
      fetches: sumOf(parts.map(({ intake }) => intake.fetches)),
      lanes: sumOf(parts.map(({ intake }) => intake.lanes)),
    },
    recall: (parts.find(({ recall }) => recall.samples > 0) ?? first).recall,
    memoryBytes: parts.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
    uptimeSeconds: Math.max(...parts.map((part) => part.uptimeSeconds)),
    eventLoopMaxMs: Math.max(...parts.map((part) => part.eventLoopMaxMs)),
  }
}

/** Key by key; a key that only some have counts as 0 in the others. */
function sumOf<Counts extends object>(parts: readonly Counts[]): Counts {
  const sum: Record<string, number> = {}
  for (const part of parts) {
    for (const [key, value] of Object.entries(part)) sum[key] = (sum[key] ?? 0) + (value as number)
  }
  return sum as Counts
}
