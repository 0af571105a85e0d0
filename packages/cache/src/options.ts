import type { InvalidationChannel } from './channel.ts'
import { type Clock, systemClock } from './clock.ts'
import { CacheOptionError } from './errors.ts'
import { sizeOf } from './size-of.ts'
import type { SharedStore } from './stores/store.ts'

/** Times are milliseconds, sizes bytes. Every option has a default. */
export interface CacheOptions {
  /** Entries in memory at most. Default 1000. */
  readonly maxEntries?: number
  /** Bytes in memory at most, keys and bookkeeping included. Default 64 MiB. */
  readonly maxBytes?: number
  /** The TTL of entries that name none. Default 300,000. */
  readonly ttlMs?: number
  /** The stale time of entries that name none: how long after its TTL a value is served while it is refreshed. Default 0: not at all. */
  readonly staleMs?: number
  /** How long a loader may take, waiting for another instance's load included. Default 30,000. */
  readonly loadTimeoutMs?: number
  /** Tags whose last invalidation is remembered; beyond it, the oldest make old entries invalid. Default 100,000. */
  readonly maxMarks?: number
  /** How often expired and invalidated entries are taken out of memory. Default 30,000; 0: only by `purgeExpired`. */
  readonly sweepMs?: number
  /** How many bytes a value takes. Default: an estimate that walks the value. */
  readonly sizeOf?: (value: unknown) => number
  /** The second tier, shared with other instances: `createRedisStore({ url })`. Default none. */
  readonly shared?: SharedStore
  readonly sharing?: SharingOptions
  /** Another way to hear of invalidations, and to tell of them where the shared store can't be told. Default none. */
  readonly channel?: InvalidationChannel
  /** Default: the process's monotonic clock. */
  readonly clock?: Clock
}

/** Options for a shared store. All instances on one store need the same `leaseMs`. */
export interface SharingOptions {
  /**
   * How long memory is trusted without a word from the store; also the longest time that an invalidation waits for an
   * instance that stays silent. Default 2000.
   */
  readonly leaseMs?: number
  /** How long a read waits for the store before it goes on without. Default 50. */
  readonly readBudgetMs?: number
  /** How long the other instances wait for the one that loads a value, before they load it themselves. Default 1000. */
  readonly lockMs?: number
  /** Failures in a row after which the store is left alone. Default 5. */
  readonly breakerFailures?: number
  /** For how long. Default 1000. */
  readonly breakerCooldownMs?: number
  /**
   * The source's line of history, for one that may lose what it had: a database's timeline. Only instances on the same one share
   * values; `undefined`: none are shared now. Default: always 0.
   */
  readonly timeline?: () => number | undefined
}

export type ResolvedOptions = Required<Omit<CacheOptions, 'shared' | 'sharing' | 'channel'>> &
  Pick<CacheOptions, 'shared' | 'channel'> & { readonly sharing: Required<SharingOptions> }

/** Fills in the defaults. Throws a `CacheOptionError` that names every option with a value that cannot work. */
export function resolveOptions(options: CacheOptions): ResolvedOptions {
  const resolved = {
    maxEntries: 1000,
    maxBytes: 64 * 2 ** 20,
    ttlMs: 300_000,
    staleMs: 0,
    loadTimeoutMs: 30_000,
    maxMarks: 100_000,
    sweepMs: 30_000,
    sizeOf,
    clock: systemClock,
    ...options,
    sharing: {
      leaseMs: 2_000,
      readBudgetMs: 50,
      lockMs: 1_000,
      breakerFailures: 5,
      breakerCooldownMs: 1_000,
      timeline: () => 0,
      ...options.sharing,
    },
  }
  const { maxEntries, maxBytes, maxMarks, loadTimeoutMs, sharing } = resolved
  const wrong = [
    ...notNumbers(resolved, (value) => value >= 0),
    ...notNumbers(sharing, (value) => value >= 0),
    ...notNumbers({ maxEntries, maxBytes, maxMarks }, (value) => Number.isInteger(value) && value > 0),
    ...notNumbers({ loadTimeoutMs, leaseMs: sharing.leaseMs }, (value) => value > 0),
  ]
  if (wrong.length > 0) throw new CacheOptionError(`Cannot work: ${[...new Set(wrong)].join(', ')}`)
  return resolved
}

function notNumbers(options: object, accepts: (value: number) => boolean): string[] {
  return Object.entries(options)
    .filter(([, value]) => typeof value === 'number' && !accepts(value))
    .map(([name, value]) => `${name} = ${value}`)
}
