import { type Kysely, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import type { DatabaseHandle } from './create-db.ts'
import type { Database } from './database.ts'
import { type BuildProgress, watchIndexBuild } from './index-progress.ts'
import { type IndexChange, planIndexes, syncIndexes } from './indexes.ts'
import { migrations as allMigrations, type TypedMigration } from './migrations/index.ts'
import { createPartitions } from './partitions.ts'
import { DatabaseSetupError, DatabaseUnavailableError, sqlState, sqlStates } from './pg-errors.ts'

export interface LockOptions {
  /** How often a waiting migrator asks for the lock again. Default 250 ms. */
  readonly lockPollMs?: number
  /** How long it asks before it gives up. Default 10 minutes: another one may be building an index. */
  readonly lockTimeoutMs?: number
}

export interface MigrateOptions extends LockOptions {
  /** Default: every migration of this package. */
  readonly migrations?: Readonly<Record<string, TypedMigration>>
  /**
   * The last migration to run. The tables are then not those that this version declares, so partitions, indexes and
   * statistics are left as they are. Default: all of them, and everything.
   */
  readonly to?: string
  /**
   * Whether the models' HNSW indexes are built too. Default true. A first bulk load leaves them for afterwards, since
   * building one is several times faster than growing it row by row.
   */
  readonly vectorIndexes?: boolean
  readonly onStep?: (step: MigrateStep) => void
  /** Called about once a second with the progress of an index build; on a server only. */
  readonly onProgress?: (progress: BuildProgress) => void
}

export interface MigrateStep {
  readonly kind: 'migration' | 'migration undone' | 'partition created' | IndexChange | 'analyze'
  readonly name: string
  readonly durationMs: number
}

/** Another migrator held the lock for the whole of `lockTimeoutMs`. */
export class MigrationLockError extends Error {
  override readonly name = 'MigrationLockError'
}

/** `to` names none of the migrations. */
export class UnknownMigrationError extends Error {
  override readonly name = 'UnknownMigrationError'
  constructor(name: string, known: readonly string[]) {
    super(`There is no migration named ${name}. There is: ${known.join(', ')}.`)
  }
}

/** There is something to do, but a pooler in transaction mode sits between: the lock would be nobody's. */
export class BehindPoolerError extends Error {
  override readonly name = 'BehindPoolerError'
  constructor(steps: readonly string[]) {
    super(
      `The database is not up to date (${steps.slice(0, 3).join(', ')}${steps.length > 3 ? ', …' : ''}), and cannot be brought there through a pooler. Run pnpm db:migrate with the server's own address in DATABASE_URL, without DATABASE_BEHIND_POOLER.`,
    )
  }
}

/** Any number, as long as nothing else in the database takes the same advisory lock: "extrop" in ASCII. */
const advisoryLockKey = 0x6578_7472_6f70

/**
 * Brings the database up to date: pending migrations, missing months of partitioned tables, missing, broken or changed
 * indexes, then statistics. Safe to run again after a kill at any moment, and from several processes at once: one works,
 * the others wait. It needs a session of its own: behind a pooler it only makes sure that there is nothing to do.
 *
 * @throws MigrationLockError, UnknownMigrationError, BehindPoolerError, DatabaseSetupError, or the first error of a migration; earlier migrations stay.
 */
export async function migrate(handle: DatabaseHandle, options: MigrateOptions = {}): Promise<void> {
  const { migrations = allMigrations, to, vectorIndexes = true, onStep = () => {}, onProgress } = options
  checkTarget(migrations, to)
  if (handle.behindPooler) return assertUpToDate(handle, options)
  const work = underLock(handle, options, async (db) => {
    await runMigrations(db, migrations, to, onStep)
    if (to !== undefined) return
    await createPartitions(db, { onStep })
    const watch = await watchIndexBuild(handle, db, onProgress)
    try {
      const concurrently = handle.kind === 'postgres'
      const changed = await syncIndexes(db, { concurrently, vectorIndexes, onStart: watch.start, onStep })
      if (changed > 0) await analyze(db, onStep)
    } finally {
      watch.stop()
    }
  })
  await work.catch((error: unknown) => {
    throw setupProblem(error) ?? error
  })
}

/** Undefined where nobody but us is to blame. */
function setupProblem(error: unknown): DatabaseSetupError | undefined {
  const cause = error instanceof DatabaseUnavailableError ? error.cause : error
  // Where PostgreSQL raised it; its messages are in the server's language.
  const { file, message } = cause as Error & { file?: string }
  const isForbidden = sqlState(cause) === sqlStates.insufficientPrivilege
  const advice =
    file === 'extension.c'
      ? isForbidden
        ? 'as a superuser, once: CREATE EXTENSION vector; CREATE EXTENSION pg_trgm;'
        : 'install pgvector and the contrib modules on the server, or take the image pgvector/pgvector:pg17.'
      : isForbidden
        ? "as the database's owner, once: GRANT CREATE ON SCHEMA public TO the role that connects here."
        : undefined
  return advice === undefined ? undefined : new DatabaseSetupError(`${message}: ${advice}`, { cause: error })
}

async function assertUpToDate(handle: DatabaseHandle, options: MigrateOptions): Promise<void> {
  const steps = await planMigration(handle, options)
  if (steps.length > 0) throw new BehindPoolerError(steps.map(({ kind, name }) => `${kind}: ${name}`))
}

/** The steps that `migrate` would take, as far as they can be known before the migrations have run. Changes nothing. */
export async function planMigration(
  handle: DatabaseHandle,
  options: Pick<MigrateOptions, 'migrations' | 'to' | 'vectorIndexes'> = {},
): Promise<Omit<MigrateStep, 'durationMs'>[]> {
  const { migrations = allMigrations, to, vectorIndexes = true } = options
  checkTarget(migrations, to)
  const pending = await pendingMigrations(createMigrator(handle.db, migrations), to)
  const steps = pending.map((name) => ({ kind: 'migration' as const, name }))
  if (to !== undefined) return steps
  const indexes = await planIndexes(handle.db, vectorIndexes)
  return [...steps, ...indexes.map(({ kind, name }) => ({ kind, name }))]
}

/** Migrations of a newer release that this one does not know; none where the database was never migrated. */
export async function migrationsOfNewer(
  { db }: Pick<DatabaseHandle, 'db'>,
  migrations: Readonly<Record<string, TypedMigration>> = allMigrations,
): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select name from kysely_migration where name <> all(${Object.keys(migrations)}) order by name`.execute(db)
  return rows.map(({ name }) => name)
}

/** Undoes the last migration, with the data that it made room for. Returns its name; undefined where none is left. */
export async function migrateDown(
  handle: DatabaseHandle,
  options: LockOptions & Pick<MigrateOptions, 'migrations' | 'onStep'> = {},
): Promise<string | undefined> {
  const { migrations = allMigrations, onStep = () => {} } = options
  if (handle.behindPooler) throw new BehindPoolerError(['migration to undo'])
  return underLock(handle, options, async (db) => {
    const migrator = createMigrator(db, migrations)
    const last = (await migrator.getMigrations()).findLast(({ executedAt }) => executedAt !== undefined)
    if (last === undefined) return undefined
    const startedAt = performance.now()
    const { error } = await migrator.migrateDown({ disableTransactions: migrations[last.name]?.transaction === false })
    if (error) throw error
    onStep({ kind: 'migration undone', name: last.name, durationMs: performance.now() - startedAt })
    return last.name
  })
}

async function underLock<Result>(
  handle: DatabaseHandle,
  options: LockOptions,
  work: (db: Kysely<Database>) => Promise<Result>,
): Promise<Result> {
  return handle.db.connection().execute(async (db) => {
    await sql`set statement_timeout = 0`.execute(db)
    await pollLock(db, options)
    try {
      return await work(db)
    } finally {
      await sql`select pg_advisory_unlock(${advisoryLockKey})`.execute(db)
      await sql`reset statement_timeout`.execute(db)
    }
  })
}

/**
 * Asks, and asks again. A blocking `pg_advisory_lock` would keep a transaction open while it waits, and CREATE INDEX
 * CONCURRENTLY waits for every open transaction: the two would wait for each other.
 */
async function pollLock(db: Kysely<Database>, options: LockOptions): Promise<void> {
  const { lockPollMs = 250, lockTimeoutMs = 600_000 } = options
  const deadline = performance.now() + lockTimeoutMs
  for (;;) {
    const { rows } = await sql<{ held: boolean }>`select pg_try_advisory_lock(${advisoryLockKey}) as held`.execute(db)
    if (rows[0]?.held) return
    if (performance.now() > deadline) {
      throw new MigrationLockError(
        `Another migrator has held the migration lock for ${lockTimeoutMs} ms. Wait for it, or end its session (pg_locks, locktype 'advisory').`,
      )
    }
    await new Promise((resolve) => setTimeout(resolve, lockPollMs))
  }
}

/** Kysely's Migrator, one migration a time, because its transaction switch holds for a whole run. */
async function runMigrations(
  db: Kysely<Database>,
  migrations: Readonly<Record<string, TypedMigration>>,
  to: string | undefined,
  onStep: (step: MigrateStep) => void,
): Promise<void> {
  const migrator = createMigrator(db, migrations)
  for (const name of await pendingMigrations(migrator, to)) {
    const startedAt = performance.now()
    const { error, results } = await migrator.migrateUp({
      disableTransactions: migrations[name]?.transaction === false,
    })
    if (error) throw error
    for (const result of results ?? []) {
      onStep({ kind: 'migration', name: result.migrationName, durationMs: performance.now() - startedAt })
    }
  }
}

function createMigrator(db: Kysely<Database>, migrations: Readonly<Record<string, TypedMigration>>): Migrator {
  return new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...migrations }) as Record<string, Migration> },
  })
}

async function pendingMigrations(migrator: Migrator, to: string | undefined): Promise<string[]> {
  const all = await migrator.getMigrations()
  return all
    .filter(({ name, executedAt }) => executedAt === undefined && (to === undefined || name <= to))
    .map(({ name }) => name)
}

function checkTarget(migrations: Readonly<Record<string, TypedMigration>>, to: string | undefined): void {
  if (to !== undefined && !(to in migrations)) throw new UnknownMigrationError(to, Object.keys(migrations))
}

async function analyze(db: Kysely<Database>, onStep: (step: MigrateStep) => void): Promise<void> {
  const startedAt = performance.now()
  await sql`analyze`.execute(db)
  onStep({ kind: 'analyze', name: 'statistics of every table', durationMs: performance.now() - startedAt })
}
