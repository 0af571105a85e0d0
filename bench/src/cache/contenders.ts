import { createCache } from '@extropy/cache'
import { createCache as createDedupe } from 'async-cache-dedupe'
import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import { createCache as createManager } from 'cache-manager'
import { Cacheable } from 'cacheable'
import { LRUCache } from 'lru-cache'

const TTL_MS = 300_000

export interface Contender {
  readonly name: string
  /** `floor`: no cache's work, but what the best of them stands on. */
  readonly role: 'floor' | 'own' | 'peer'
  readonly read: (key: string) => unknown
  readonly close: () => unknown
}

/** Each holds `keys`, and answers a read-through call for one of them. */
export async function createContenders(keys: readonly string[]): Promise<Contender[]> {
  const value = (key: string) => ({ key, title: 'a card' })
  const size = keys.length

  const lru = new LRUCache<string, object>({ max: size, ttl: TTL_MS })
  for (const key of keys) lru.set(key, value(key))

  const own = createCache({ maxEntries: size })
  const ownOptions = { ttlMs: TTL_MS, tags: ['cards'] }

  const bento = new BentoCache({
    default: 'memory',
    stores: { memory: bentostore().useL1Layer(memoryDriver({ maxItems: size })) },
  })
  const dedupe = createDedupe({ ttl: TTL_MS / 1000, storage: { type: 'memory', options: { size } } }).define(
    'card',
    async (key: string) => value(key),
  )
  const manager = createManager({ ttl: TTL_MS })
  const cacheable = new Cacheable({ ttl: TTL_MS })

  const contenders: Contender[] = [
    { name: 'lru-cache.get, with ttl', role: 'floor', read: (key) => lru.get(key), close: () => lru.clear() },
    {
      name: '@extropy/cache getOrSet',
      role: 'own',
      read: (key) => own.getOrSet(key, () => value(key), ownOptions),
      close: () => own.close(),
    },
    { name: 'async-cache-dedupe', role: 'peer', read: (key) => dedupe.card(key), close: () => dedupe.clear() },
    {
      name: 'bentocache',
      role: 'peer',
      read: (key) => bento.getOrSet({ key, ttl: TTL_MS, factory: () => value(key) }),
      close: () => bento.disconnectAll(),
    },
    {
      name: 'cache-manager',
      role: 'peer',
      read: (key) => manager.wrap(key, () => value(key)),
      close: () => manager.disconnect(),
    },
    {
      name: 'cacheable',
      role: 'peer',
      read: (key) => cacheable.getOrSet(key, async () => value(key), { ttl: TTL_MS }),
      close: () => cacheable.disconnect(),
    },
  ]
  for (const { read } of contenders) for (const key of keys) await read(key)
  return contenders
}
