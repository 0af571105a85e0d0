import type { Database } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import { configOfSeat, workersOf } from './seat-config.ts'

/** Beside its pool, a worker has two pipelined connections and one that listens; the first one listens for jobs too. */
const besidePool = 3

/** Connections that all workers together may have open. */
export function mostConnections(config: Config): number {
  const seats = Array.from({ length: workersOf(config) }, (_, n) => n + 1)
  return seats.reduce((sum, seat) => sum + configOfSeat(config, seat).DATABASE_POOL_MAX + besidePool, 1)
}

/** Warns where the server would refuse some of them: in a burst, and not before. */
export async function checkConnections(config: Config, db: Kysely<Database>, logger: Logger): Promise<void> {
  const { rows } = await sql<{ allowed: number }>`
    select current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as allowed`.execute(
    db,
  )
  const [allowed = 0, most] = [rows[0]?.allowed, mostConnections(config)]
  if (most <= allowed) return
  logger.warn(
    { most, allowed },
    'the workers may open more connections than PostgreSQL allows: lower DATABASE_POOL_MAX',
  )
}
