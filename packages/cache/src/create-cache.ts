import { Cache } from './cache.ts'
import { type CacheOptions, resolveOptions } from './options.ts'

/**
 * A cache in this process's memory and, with `shared`, in a store that it shares with other instances. Connecting goes on in
 * the background: reads work at once. Throws a `CacheOptionError` for options that cannot work.
 *
 * @example const cache = createCache({ maxEntries: 10_000, shared: createRedisStore({ url: 'redis://localhost:6379' }) })
 */
export function createCache(options: CacheOptions = {}): Cache {
  return new Cache(resolveOptions(options))
}
