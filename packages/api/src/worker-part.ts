import type { Cache } from '@extropy/cache'
import type { DatabaseStats } from '@extropy/db'
import type { ReplicaReadCounts } from './replica-reads/replica-reads.ts'

type CacheStats = ReturnType<Cache['stats']>

/** What one process of a server says of itself, for the sums of all of them. */
export interface WorkerPart {
  readonly cache: Pick<CacheStats, 'hits' | 'staleHits' | 'misses' | 'stores' | 'refused' | 'maxEntries' | 'bytes'> & {
    readonly active: number
    readonly expired: number
    readonly evictions: CacheStats['evictions']
    readonly shared: { readonly state: 'online' | 'offline'; readonly breaker: string; readonly pending: number } | null
  }
  readonly database: Pick<DatabaseStats, 'pool' | 'lane'>
  /** Null where there are no replicas. */
  readonly replicaReads: ReplicaReadCounts | null
  readonly intake: {
    readonly fetches: Readonly<Record<string, number>>
    readonly lanes: { readonly waiting: number; readonly held: number }
  }
  /** In one process of them. */
  readonly recall: { readonly recallAt10: number | null; readonly samples: number }
  readonly memoryBytes: number
  readonly uptimeSeconds: number
  readonly eventLoopMaxMs: number
}
