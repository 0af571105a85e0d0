import type { DatabaseOptions } from '@extropy/db'
import type { Config } from './config.ts'

/** How the settings would have the database opened. */
export function databaseOptions(config: Config): DatabaseOptions {
  return {
    url: config.DATABASE_URL,
    behindPooler: config.DATABASE_BEHIND_POOLER,
    statementTimeoutMs: config.DATABASE_STATEMENT_TIMEOUT_MS,
    pool: {
      size: config.DATABASE_POOL_SIZE,
      maxSize: config.DATABASE_POOL_MAX,
      waitMs: config.DATABASE_POOL_WAIT_MS,
      connectMs: config.DATABASE_CONNECT_MS,
      maxLifetimeSeconds: config.DATABASE_CONNECTION_MAX_SECONDS,
    },
  }
}
