import { type Database, findsRoom, rawRead, readDatabaseReadiness } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import type { Deps } from '../context.ts'
import { AppError, type Issue } from '../errors.ts'
import { readQueueStats } from '../jobs/queue.ts'
import { readSourceStats } from '../sources/source-stats.ts'
import { readEmbeddedShare } from '../vectors/embedded-share.ts'
import { withinDeadline } from './deadline.ts'
import { keepFor } from './keep-for.ts'

export async function estimateContents(db: Kysely<Database>): Promise<number> {
  const { rows } = await withinDeadline(db, (bounded) =>
    rawRead(
      [],
      sql<{ contents: number }>`
      select greatest(reltuples, 0)::int as contents from pg_class where oid = 'contents'::regclass`,
    ).execute(bounded),
  )
  return rows[0]?.contents ?? 0
}

/**
 * Whether this server may be sent requests.
 *
 * @throws AppError not_ready, which names each check that failed; or that the database does not answer.
 */
export async function checkReadiness(deps: Pick<Deps, 'db' | 'databaseStats' | 'cache' | 'isStopping' | 'isReplaced'>) {
  if (deps.isStopping?.() && !deps.isReplaced?.()) throw notReady([{ field: 'server', message: 'is stopping' }])
  const { isReadOnly, pendingMigrations, invalidIndexes } = await readReadiness(deps)
  const { shared } = deps.cache.stats()
  const failed: Issue[] = [
    ...(isReadOnly ? [{ field: 'database', message: 'takes no writes: it is a standby, or was made read-only' }] : []),
    ...(isReadOnly || (await hasRoom(deps)) ? [] : [{ field: 'database', message: 'has no room left on its disk' }]),
    ...pendingMigrations.map((name) => ({ field: 'migrations', message: `${name} is pending: run db:migrate` })),
    ...invalidIndexes.map((name) => ({ field: 'indexes', message: `${name} is INVALID: db:migrate rebuilds it` })),
    ...(shared?.state === 'offline' ? [{ field: 'redis', message: 'cannot be reached' }] : []),
  ]
  if (failed.length > 0) throw notReady(failed)
  const ok = 'ok' as const
  const redis = shared === undefined ? ('not configured' as const) : ok
  return { status: 'ready' as const, checks: { database: ok, migrations: ok, indexes: ok, redis } }
}

function notReady(failed: readonly Issue[]): AppError {
  const message = failed.map(({ field, message }) => `${field}: ${message}`).join('; ')
  return new AppError('not_ready', message, { issues: failed })
}

/** Probes come from many, unlimited, and mostly at once. */
const readReadiness = keepFor(0, (db) => withinDeadline(db, readDatabaseReadiness))

const roomFoundAt = new WeakMap<Deps['databaseStats'], number>()

/** Asked of the disk only after the server has said that it is full, until there is room again. */
async function hasRoom(deps: Pick<Deps, 'db' | 'databaseStats'>): Promise<boolean> {
  const { diskFullAt } = deps.databaseStats()
  if (diskFullAt === undefined || diskFullAt < (roomFoundAt.get(deps.databaseStats) ?? 0)) return true
  const startedAt = performance.now()
  const found = await askForRoom(deps)
  if (found) roomFoundAt.set(deps.databaseStats, startedAt)
  return found
}

const askForRoom = keepFor(0, (db) => withinDeadline(db, findsRoom))

/** Milliseconds that the smallest query takes. */
export const pingDatabase = keepFor(0, async (db) => {
  const startedAt = performance.now()
  await withinDeadline(db, (bounded) => rawRead([], sql`select 1`).execute(bounded))
  return performance.now() - startedAt
})

export const findEmbeddedShare = keepFor(
  0,
  (db, { embeddingModel }: Pick<Deps, 'db' | 'databaseStats' | 'embeddingModel'>) =>
    withinDeadline(db, (bounded) => readEmbeddedShare(bounded, embeddingModel)),
)

/** Everyone may ask, and jobs that failed are kept and counted for weeks. */
const queueGoodForMs = 2000

export const findQueueStats = keepFor(queueGoodForMs, (db) => withinDeadline(db, readQueueStats))

export const findSourceStats = keepFor(queueGoodForMs, (db) => withinDeadline(db, readSourceStats))
