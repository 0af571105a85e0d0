export type { Cache } from './cache.ts'
export type { Clock } from './clock.ts'
export { createCache } from './create-cache.ts'
export { CacheOptionError, LoadTimeoutError, SharedTimeoutError } from './errors.ts'
export type { CacheEvents, EvictionCause, Reach } from './events.ts'
export type { CacheOptions, SharingOptions } from './options.ts'
export { definePolicy, type Policy } from './policy.ts'
export type {
  LoadContext,
  Loader,
  ReadCause,
  ReadOptions,
  ReadTrace,
  SetOptions,
  Snapshot,
  StoreOptions,
} from './read-options.ts'
export type { CacheStats, NamespaceCounters, SharedStats } from './stats.ts'
export type * from './stores/store.ts'
