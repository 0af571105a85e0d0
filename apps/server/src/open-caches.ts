import { createKeyRing, createReplicaReads, type KeyRing, type ReplicaReads, sizeOfPayload } from '@extropy/api'
import { type Cache, createCache, type SharedStore } from '@extropy/cache'
import {
  type ChangeChannel,
  createLocalChangeChannel,
  type DatabaseHandle,
  openChangeChannel,
  readDatabaseId,
  tagsOfAnything,
} from '@extropy/db'
import type { Config } from './config.ts'

export interface Caches {
  readonly cache: Cache
  readonly keys: KeyRing
  /** Undefined where there are no replicas. */
  readonly replicaReads: ReplicaReads | undefined
  /** Whether no other server uses the database. */
  isAlone(): boolean
  close(): Promise<void>
}

interface CachesOptions {
  /** Servers of different releases on one Redis share no answers. */
  readonly release: string
  readonly onCacheUseless: (reason: string) => void
  /** Called when servers on this database have not all the same Redis. */
  readonly onStrangers: () => void
  /** Called when another server has come. */
  readonly onCompany: () => Promise<void>
}

/**
 * Answers and API keys in this process's memory; with Redis, answers that all servers share. Neither is used while the
 * server may have missed a change by others. The database must have been migrated.
 */
export async function openCaches(config: Config, database: DatabaseHandle, options: CachesOptions): Promise<Caches> {
  const { db, kind, replicas, address, timeline } = database
  const { CACHE_MAX_ENTRIES, CACHE_MAX_MB, REDIS_URL } = config
  const databaseId = await readDatabaseId(db)
  let isDeaf = false
  const shared = REDIS_URL === undefined ? {} : { shared: await openRedisStore(REDIS_URL, databaseId, options.release) }
  const channel: ChangeChannel =
    kind === 'postgres'
      ? openChangeChannel(config.DATABASE_DIRECT_URL ?? address ?? config.DATABASE_URL, db, {
          databaseId,
          onKeyChange: () => keys.forget(),
          onChange: (changed) => cache.hear(changed),
          onTableChange: (table) => cache.hear(tagsOfAnything(table)),
          onCompany: options.onCompany,
          onStrangers: options.onStrangers,
          onUseless(reason) {
            isDeaf = true
            options.onCacheUseless(reason)
          },
        })
      : createLocalChangeChannel()
  const cache = createCache({
    maxEntries: CACHE_MAX_ENTRIES,
    maxBytes: CACHE_MAX_MB * 2 ** 20,
    sizeOf: sizeOfPayload,
    channel,
    ...shared,
    ...(timeline === undefined ? {} : { sharing: { timeline } }),
  })
  const keys = createKeyRing({ db, cache }, { channel })
  const onMove = (hear: () => void) => address?.onMove(hear)
  const replicaReads = replicas && createReplicaReads(cache, replicas, { databaseId, onMove, isDeaf: () => isDeaf })
  // The last process on an embedded database may have ended between a commit and its invalidation.
  if (kind === 'embedded') await cache.clear()
  await channel.opened
  // The first answer has a stamp.
  await replicaReads?.noteWrite(replicaReads.era())
  return {
    cache,
    keys,
    replicaReads,
    isAlone: channel.isAlone,
    async close() {
      await cache.close()
      await keys.close()
      await channel.close()
    },
  }
}

/** The Redis client is two modules in five of a server's, and is loaded only where there is a Redis. */
async function openRedisStore(url: string, databaseId: string, release: string): Promise<SharedStore> {
  const { createRedisStore } = await import('@extropy/cache/redis')
  return createRedisStore({ url, prefix: `extropy:${databaseId}`, release })
}
