import { type Database, namedServers } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import { configOfSeat, workersOf } from './seat-config.ts'

const pipelined = 2
/** To each of the servers that a list names, by which it is known what that server is. */
const watching = 1

/** Connections that all workers together may have open to one server: the one that gets most. */
export function mostConnections(config: Config): number {
  const seats = Array.from({ length: workersOf(config) }, (_, n) => configOfSeat(config, n + 1))
  return seats.reduce((sum, seat) => sum + ofQueries(seat) + ofListening(seat), 0)
}

/** Without those to a pooler, whose own limit they have. */
function ofQueries(config: Config): number {
  const { DATABASE_URL, DATABASE_REPLICA_URLS, DATABASE_BEHIND_POOLER, DATABASE_PREPARED_STATEMENTS } = config
  const { DATABASE_POOL_MAX, DATABASE_POOL_SIZE = 0 } = config
  const hasReplicas = DATABASE_REPLICA_URLS.length > 0
  // Replicas may be asked past the pooler.
  if (DATABASE_BEHIND_POOLER) return hasReplicas ? DATABASE_POOL_MAX + watching : 0
  const lane = DATABASE_PREPARED_STATEMENTS === 'off' ? 0 : pipelined
  // One that is promoted keeps what was opened to a replica, less what only a burst needed.
  const asReplica = hasReplicas ? DATABASE_POOL_SIZE + lane + watching : 0
  const isWatched = hasReplicas || namedServers(DATABASE_URL).areCandidates
  return DATABASE_POOL_MAX + lane + (isWatched ? watching : 0) + asReplica
}

/** One to hear of changes, and one to hear of jobs. */
function ofListening({ DATABASE_URL, DATABASE_DIRECT_URL, DATABASE_BEHIND_POOLER, JOBS }: Config): number {
  const url = DATABASE_DIRECT_URL ?? (DATABASE_BEHIND_POOLER ? undefined : DATABASE_URL)
  if (url === undefined) return 0
  const find = namedServers(url).areCandidates ? watching : 0
  // To hear of changes, the queries' own server is known already.
  const ofChanges = 1 + (DATABASE_DIRECT_URL === undefined ? 0 : find)
  return ofChanges + (JOBS === 'on' ? 1 + find : 0)
}

/** Warns where the server would refuse some of them: in a burst, and not before. */
export async function checkConnections(config: Config, db: Kysely<Database>, logger: Logger): Promise<void> {
  const { rows } = await sql<{ allowed: number }>`
    select current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
      - coalesce(current_setting('reserved_connections', true)::int, 0) as allowed`.execute(db)
  const [allowed = 0, most] = [rows[0]?.allowed, mostConnections(config)]
  if (most <= allowed) return
  logger.warn(
    { most, allowed },
    'the workers may open more connections than PostgreSQL allows: lower DATABASE_POOL_MAX',
  )
}
