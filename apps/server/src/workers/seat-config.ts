import { availableParallelism } from 'node:os'
import type { Config } from '../config.ts'
import { isEmbedded } from '../database-url.ts'

/** How many processes serve. */
export function workersOf({ WORKERS, DATABASE_URL }: Pick<Config, 'WORKERS' | 'DATABASE_URL'>): number {
  if (WORKERS !== 'auto') return WORKERS
  return isEmbedded(DATABASE_URL) ? 1 : availableParallelism()
}

/**
 * The settings as they are for one worker. What many share is shared out: the sum is never more than the setting, as long as each can
 * have two connections. What one process is enough for, the first one does.
 */
export function configOfSeat(config: Config, seat: number): Config {
  const workers = workersOf(config)
  const share = (whole: number, least: number) => {
    const more = seat <= whole % workers ? 1 : 0
    return Math.max(least, Math.floor(whole / workers) + more)
  }
  const maxSize = Math.min(config.DATABASE_POOL_MAX, share(config.DATABASE_POOL_MAX, leastConnections))
  const size = config.DATABASE_POOL_SIZE ?? Math.min(20, config.DATABASE_POOL_MAX)
  return Object.freeze({
    ...config,
    DATABASE_POOL_MAX: maxSize,
    DATABASE_POOL_SIZE: Math.min(maxSize, share(size, 0)),
    MAX_IN_FLIGHT: share(config.MAX_IN_FLIGHT, 1),
    ...(seat === 1 ? {} : { MIGRATE_ON_START: 'off', LOAD_SAMPLE: 'never', JOBS: 'off' }),
  })
}

/** With one, a request that needs two would wait for itself. */
const leastConnections = 2
