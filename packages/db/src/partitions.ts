import { type Kysely, sql } from 'kysely'
import { type Database, tables } from './database.ts'
import type { Table } from './define-table.ts'

/** Half a year: a server that nobody restarts, and whose maintenance command nobody runs, has that long. */
const defaultMonthsAhead = 6

/** Where detached months go: out of the search path, so that nothing reads them by chance. */
export const archiveSchema = 'extropy_archive'

/** Beside it, for the second table of a month: its indexes have names too, which `rename` would leave in the way. */
const anewSchema = 'extropy_anew'

export interface Partition {
  readonly table: string
  readonly name: string
  /** First day of its month, `2026-11-01`; it ends with the next month. UTC. */
  readonly month: string
  /** PostgreSQL's own estimate; 0 where it has none yet. */
  readonly estimatedRows: number
  readonly bytes: number
}

export type Month = Pick<Partition, 'table' | 'name' | 'month'>

export interface PartitionOptions {
  /** Default 6. */
  readonly monthsAhead?: number
  /** The first month that must be there. Default: the month of `now`. */
  readonly from?: Date
  /** Default: the clock. */
  readonly now?: Date
  readonly onStep?: (step: { kind: 'partition created'; name: string; durationMs: number }) => void
}

/**
 * Creates the months that are missing, from `from` to `monthsAhead` after `now`, for every table that is split by month.
 * There is no default partition: with one, PostgreSQL can't read the months in order, and each list would open them all.
 *
 * @throws a lock timeout (55P03) where a long transaction holds the table for 5 s: run it again.
 */
export async function createPartitions(db: Kysely<Database>, options: PartitionOptions = {}): Promise<number> {
  const { now = new Date(), from = now, monthsAhead = defaultMonthsAhead, onStep = () => {} } = options
  let created = 0
  for (const table of await partitionedTables(db)) {
    const present = new Set((await listPartitions(db)).map(({ name }) => name))
    for (const month of monthsBetween(from, addMonths(now, monthsAhead))) {
      const name = partitionName(table, month)
      if (present.has(name)) continue
      const startedAt = performance.now()
      if (!(await createPartition(db, table, name, month))) continue
      created++
      onStep({ kind: 'partition created', name, durationMs: performance.now() - startedAt })
    }
  }
  return created
}

export async function listPartitions(db: Kysely<Database>): Promise<Partition[]> {
  const { rows } = await sql<Partition>`
    select t.relname as "table", p.relname as name,
           replace(right(p.relname, 7), '_', '-') || '-01' as month,
           greatest(p.reltuples, 0)::float8 as estimated_rows, pg_total_relation_size(p.oid)::float8 as bytes
    from pg_inherits i
    join pg_class p on p.oid = i.inhrelid
    join pg_class t on t.oid = i.inhparent
    join pg_namespace n on n.oid = t.relnamespace
    where n.nspname = current_schema() and t.relkind = 'p' and p.relkind = 'r'
    order by p.relname`.execute(db)
  return rows
}

export interface DetachOptions {
  readonly before: Date
  /** On a server: readers and writers go on meanwhile. */
  readonly concurrently: boolean
  /** Default: the clock. */
  readonly now?: Date
  /** Default: every table that is split by month. */
  readonly tables?: readonly string[]
}

/**
 * Takes the months before `before` out of their tables, into the schema `extropy_archive`: kept, but no longer read. On
 * a server readers and writers go on meanwhile (DETACH CONCURRENTLY). Past months that a killed run has left in neither go
 * there too. Returns the names of all.
 *
 * @throws RangeError where that would take the current month, into which movements are written now; ArchivedMonthError, before
 * anything is detached, where a month of that name is archived already.
 */
export async function detachPartitions(
  db: Kysely<Database>,
  { before, concurrently, now = new Date(), tables: only }: DetachOptions,
): Promise<string[]> {
  if (before > addMonths(now, 0)) throw new RangeError(`${before.toISOString()} is later than the current month`)
  const wanted = (table: string) => only === undefined || only.includes(table)
  return db.connection().execute(async (session) => {
    // Waits for every reader of the month; stopped half-way, it leaves a month that takes no rows.
    await sql`set statement_timeout = 0`.execute(session)
    try {
      await finishDetaching(session)
      // Of earlier runs, which were killed before they had put them away.
      const left = (await detachedMonths(session)).filter(({ month }) => endOf(month) <= addMonths(now, 0))
      const due = (await listPartitions(session)).filter(({ table, month }) => endOf(month) <= before && wanted(table))
      const archived = new Set((await archivedMonths(session)).map(({ name }) => name))
      const twice = [...left, ...due].find(({ name }) => archived.has(name))
      if (twice !== undefined) {
        throw new ArchivedMonthError(
          `${twice.name} is in the schema ${archiveSchema} already, and was made anew meanwhile: --attach ${twice.name} says how the two become one; or --archive writes the first into a file`,
        )
      }
      for (const { table, name } of left) await putAway(session, table, name)
      for (const { table, name } of due) {
        await sql`alter table ${sql.id(table)} detach partition ${sql.id(name)} ${concurrently ? sql`concurrently` : sql``}`.execute(
          session,
        )
        await putAway(session, table, name)
      }
      return [...left, ...due].map(({ name }) => name)
    } finally {
      await sql`reset statement_timeout`.execute(session)
    }
  })
}

/** Completes a detach that was stopped half-way: the month is out of its table then, and not put away yet. */
async function finishDetaching(db: Kysely<Database>): Promise<void> {
  const { rows } = await sql<{ table: string; name: string }>`
    select t.relname as "table", p.relname as name
    from pg_inherits i join pg_class p on p.oid = i.inhrelid join pg_class t on t.oid = i.inhparent
    where i.inhdetachpending`.execute(db)
  for (const { table, name } of rows) {
    await sql`alter table ${sql.id(table)} detach partition ${sql.id(name)} finalize`.execute(db)
  }
}

/** Months that are in no table any more, and not put away yet. */
async function detachedMonths(db: Kysely<Database>): Promise<Month[]> {
  const { rows } = await sql<{ name: string }>`
    select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = current_schema() and c.relkind = 'r' and not c.relispartition order by c.relname`.execute(db)
  return rows.flatMap(({ name }) => monthNamed(name) ?? [])
}

/** Where another run has done it meanwhile, maybe made the month anew, there is nothing left to do. */
async function putAway(session: Kysely<Database>, table: string, name: string): Promise<void> {
  await session.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${advisoryLockKey})`.execute(trx)
    const isLeft = (await detachedMonths(trx)).some((month) => month.name === name)
    if (isLeft) await archive(trx, table, name)
  })
}

/**
 * Detached, a month loses the row triggers that it had from its table; put away, it must stay as it is all the same. Killed in between, it
 * is neither put away nor without its triggers.
 */
async function archive(trx: Kysely<Database>, tableName: string, name: string): Promise<void> {
  const { triggers = {} } = tables.find((table) => table.name === tableName) ?? {}
  await sql`create schema if not exists ${sql.id(archiveSchema)}`.execute(trx)
  for (const [trigger, definition] of Object.entries(triggers)) {
    if (!/\b(UPDATE|DELETE)\b.* FOR EACH ROW/.test(definition)) continue
    await sql`drop trigger if exists ${sql.id(trigger)} on ${sql.id(name)}`.execute(trx)
    await sql.raw(definition.replace(` ON ${tableName} `, ` ON ${name} `)).execute(trx)
  }
  await sql`alter table ${sql.id(name)} set schema ${sql.id(archiveSchema)}`.execute(trx)
}

/** Any number, as long as nothing else in the database takes the same advisory lock: "parts" in ASCII. */
const advisoryLockKey = 0x7061_7274_73

/**
 * Built beside the table and attached: `create table … partition of` would lock every reader out of the parent. One at a
 * time, so that of several that create the months ahead the second finds the first one's work. False: it was there.
 */
async function createPartition(db: Kysely<Database>, table: Table, name: string, month: Date): Promise<boolean> {
  const partition = sql.id(name)
  return await db.transaction().execute(async (trx) => {
    await sql`set local lock_timeout = '5s'`.execute(trx)
    await sql`select pg_advisory_xact_lock(${advisoryLockKey})`.execute(trx)
    const { rows } = await sql<{ isAttached: boolean }>`
      select relispartition as is_attached from pg_class where oid = to_regclass(${name})`.execute(trx)
    if (rows[0]?.isAttached) return false
    // Detached, but not put away: a run was killed in between. It may hold rows.
    if (rows[0] !== undefined) await archive(trx, table.name, name)
    await sql`
      create table ${partition} (like ${sql.id(table.name)} including defaults including constraints including storage)`.execute(
      trx,
    )
    for (const trigger of statementTriggers(table)) {
      await sql.raw(trigger.replace(` ON ${table.name} `, ` ON ${name} `)).execute(trx)
    }
    await sql`
      alter table ${sql.id(table.name)} attach partition ${partition}
      for values from (${sql.lit(utcMonth(month))}) to (${sql.lit(utcMonth(addMonths(month, 1)))})`.execute(trx)
    return true
  })
}

/**
 * Brings a month back from the schema `extropy_archive` into its table, with its rows and under its table's rules.
 *
 * @throws ArchivedMonthError where no such month is archived, or it was made anew meanwhile; the message says what to do then.
 */
export async function attachPartition(db: Kysely<Database>, name: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`set local lock_timeout = '5s'`.execute(trx)
    await sql`select pg_advisory_xact_lock(${advisoryLockKey})`.execute(trx)
    const month = (await archivedMonths(trx)).find((each) => each.name === name)
    if (month !== undefined) {
      await refuseMadeAnew(trx, month)
      await sql`alter table ${sql.id(archiveSchema, name)} set schema ${sql.raw(await currentSchema(trx))}`.execute(trx)
    }
    // Of a run that was killed before it had put the month away.
    const found = month ?? (await detachedMonths(trx)).find((each) => each.name === name)
    if (found === undefined) throw new ArchivedMonthError(`${name} is not in the schema ${archiveSchema}`)
    await attachMonth(trx, found)
  })
}

/** Two tables of the same month: which of them is right, or whether both are, only people know. */
async function refuseMadeAnew(trx: Kysely<Database>, { table, name }: Month): Promise<void> {
  const { rows } = await sql<{ isAttached: boolean }>`
    select relispartition as is_attached from pg_class
    where relname = ${name} and relnamespace = current_schema()::regnamespace`.execute(trx)
  const [anew] = rows
  if (anew === undefined) return
  const detach = anew.isAttached ? `alter table ${table} detach partition ${name}; ` : ''
  const { rows: some } = await sql`select from ${sql.id(name)} limit 1`.execute(trx)
  throw new ArchivedMonthError(
    some.length === 0
      ? `${name} was made anew meanwhile, and is empty: run "${detach}drop table ${name}" in psql, then --attach again`
      : `${name} was made anew meanwhile, and has rows: run "${detach}create schema if not exists ${anewSchema}; alter table ${name} set schema ${anewSchema}" in psql, then --attach again; "insert into ${table} select * from ${anewSchema}.${name}" brings those rows back`,
  )
}

/** Attaches a table that holds the rows of one month. */
export async function attachMonth(trx: Kysely<Database>, { table: tableName, name, month }: Month): Promise<void> {
  const table = tables.find((each) => each.name === tableName) as Table
  // The table's own come with it; those of statements stay the month's.
  for (const trigger of Object.keys(table.triggers ?? {})) {
    await sql`drop trigger if exists ${sql.id(trigger)} on ${sql.id(name)}`.execute(trx)
  }
  for (const trigger of statementTriggers(table)) {
    await sql.raw(trigger.replace(` ON ${table.name} `, ` ON ${name} `)).execute(trx)
  }
  const first = new Date(month)
  await sql`
    alter table ${sql.id(tableName)} attach partition ${sql.id(name)}
    for values from (${sql.lit(utcMonth(first))}) to (${sql.lit(utcMonth(addMonths(first, 1)))})`.execute(trx)
  // DETACH CONCURRENTLY left the month's bounds as a check, which let ATTACH believe them without reading the rows.
  const { rows } = await sql<{ name: string }>`
    select conname as name from pg_constraint
    where conrelid = ${name}::regclass and contype = 'c' and conislocal and coninhcount = 0`.execute(trx)
  for (const check of rows) await sql`alter table ${sql.id(name)} drop constraint ${sql.id(check.name)}`.execute(trx)
}

/** The months in the schema `extropy_archive`, by name. */
export async function archivedMonths(db: Kysely<Database>): Promise<Month[]> {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class where relnamespace = to_regnamespace(${archiveSchema}) and relkind = 'r'
    order by relname`.execute(db)
  return rows.flatMap(({ name }) => monthNamed(name) ?? [])
}

/** Undefined for a name that no month of our tables has. */
export function monthNamed(name: string): Month | undefined {
  const [, table = '', month = ''] = /^(\w+)_(\d{4}_(?:0[1-9]|1[0-2]))$/.exec(name) ?? []
  const isOurs = tables.some((each) => each.name === table && each.partitionedBy !== undefined)
  return isOurs ? { table, name, month: `${month.replace('_', '-')}-01` } : undefined
}

/** The message says which month, and why it cannot be written or brought back. */
export class ArchivedMonthError extends Error {
  override readonly name = 'ArchivedMonthError'
}

async function currentSchema(db: Kysely<Database>): Promise<string> {
  const { rows } = await sql<{ name: string }>`select quote_ident(current_schema()) as name`.execute(db)
  return rows[0]?.name ?? 'public'
}

/** Triggers of a statement do not pass from a table to its partitions, as those of a row do: TRUNCATE of one month. */
function statementTriggers(table: Table): string[] {
  return Object.values(table.triggers ?? {}).filter((definition) => definition.includes('FOR EACH STATEMENT'))
}

async function partitionedTables(db: Kysely<Database>): Promise<Table[]> {
  const { rows } = await sql<{ name: string }>`
    select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = current_schema() and c.relkind = 'p'`.execute(db)
  const present = new Set(rows.map(({ name }) => name))
  return tables.filter((table) => table.partitionedBy !== undefined && present.has(table.name))
}

function partitionName(table: Pick<Table, 'name'>, month: Date): string {
  return `${table.name}_${month.toISOString().slice(0, 7).replace('-', '_')}`
}

function monthsBetween(from: Date, to: Date): Date[] {
  const months: Date[] = []
  for (let month = addMonths(from, 0); month <= to; month = addMonths(month, 1)) months.push(month)
  return months
}

/** The first day of the month that lies `count` months after the date's own. */
export function addMonths(date: Date, count: number): Date {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + count))
}

const endOf = (month: string): Date => addMonths(new Date(month), 1)
const utcMonth = (month: Date): string => `${month.toISOString().slice(0, 10)} 00:00:00+00`
