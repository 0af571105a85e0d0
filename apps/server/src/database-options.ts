import type { DatabaseOptions } from '@extropy/db'
import type { Config } from './config.ts'

/** The options for the database, from the settings. */
export function databaseOptions(config: Config): DatabaseOptions {
  const { DATABASE_POOL_MAX: maxSize, DATABASE_POOL_SIZE: size = Math.min(20, maxSize) } = config
  const maxUses = config.DATABASE_POOL_MAX_USES
  return {
    url: config.DATABASE_URL,
    replicaUrls: config.DATABASE_REPLICA_URLS,
    maxReplicaLagMs: config.REPLICA_MAX_LAG_MS,
    behindPooler: config.DATABASE_BEHIND_POOLER,
    statementTimeoutMs: config.DATABASE_STATEMENT_TIMEOUT_MS,
    pool: {
      size,
      maxSize,
      waitMs: config.DATABASE_POOL_WAIT_MS,
      connectMs: config.DATABASE_CONNECT_MS,
      maxLifetimeSeconds: config.DATABASE_CONNECTION_MAX_SECONDS,
      ...(maxUses === undefined ? {} : { maxUses }),
    },
    // The lane needs statements prepared by name.
    ...(config.DATABASE_PREPARED_STATEMENTS === 'off' ? { preparedStatements: false, lane: false } : {}),
  }
}
