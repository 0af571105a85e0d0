import { type Kysely, sql } from 'kysely'
import { type Database, tables } from './database.ts'
import type { Index } from './define-table.ts'
import { rawRead } from './dependencies/declared-sql.ts'
import { exactVectorsUpTo, vectorIndex } from './tables/content-chunks.table.ts'

/** An index's change: it was missing; a killed build had left it INVALID; its declaration had changed. */
export type IndexChange = 'index created' | 'invalid index rebuilt' | 'changed index rebuilt'

interface DeclaredIndex {
  readonly name: string
  readonly table: string
  readonly definition: string
  /** Its table is split by month. */
  readonly partitioned: boolean
}

interface PlannedIndex extends DeclaredIndex {
  readonly kind: IndexChange
  readonly present: boolean
}

interface SyncOptions {
  /** CREATE INDEX CONCURRENTLY keeps writers going on a live server; the embedded database has no other session. */
  readonly concurrently: boolean
  readonly vectorIndexes: boolean
  readonly onStart: (name: string) => void
  readonly onStep: (step: { readonly kind: IndexChange; readonly name: string; readonly durationMs: number }) => void
}

/**
 * Makes the catalog's indexes those that the tables declare, and returns how many it built. An index that nobody
 * declares is left alone: an operator may have made it. (`findDrift` names it.)
 */
export async function syncIndexes(db: Kysely<Database>, options: SyncOptions): Promise<number> {
  const plan = await planIndexes(db, options.vectorIndexes)
  for (const index of plan) {
    const startedAt = performance.now()
    options.onStart(index.name)
    await (index.partitioned ? buildPartitioned : build)(db, index, options.concurrently)
    options.onStep({ kind: index.kind, name: index.name, durationMs: performance.now() - startedAt })
  }
  return plan.length
}

/** The steps that `syncIndexes` would take. */
export async function planIndexes(db: Kysely<Database>, vectorIndexes: boolean): Promise<PlannedIndex[]> {
  const actual = await readIndexes(db)
  return (await declaredIndexes(db, vectorIndexes)).flatMap((index) => {
    const found = actual.get(index.name)
    if (found?.valid && found.definition === index.definition) return []
    const changed = found !== undefined && found.definition !== index.definition
    const kind = !found ? 'index created' : found.valid ? 'changed index rebuilt' : 'invalid index rebuilt'
    // A partitioned index that is invalid is unfinished: its existing parts can stay.
    return [{ ...index, kind, present: found !== undefined && (changed || !index.partitioned) }]
  })
}

async function build(db: Kysely<Database>, index: PlannedIndex, concurrently: boolean): Promise<void> {
  if (index.present)
    await sql`drop index ${sql.raw(concurrently ? 'concurrently' : '')} ${sql.id(index.name)}`.execute(db)
  await sql.raw(concurrently ? index.definition.replace('INDEX', 'INDEX CONCURRENTLY') : index.definition).execute(db)
}

/** Takes every declared index away that is not there to keep rows unique: before a bulk load, never on a live server. */
export async function dropIndexes(db: Kysely<Database>): Promise<void> {
  const names = (await declaredIndexes(db, false)).flatMap(({ name, definition }) =>
    definition.startsWith('CREATE UNIQUE') ? [] : [sql.id(name)],
  )
  await sql`drop index if exists ${sql.join(names)}`.execute(db)
}

/** PostgreSQL builds no index concurrently over a table's partitions: one by one, then, each attached when it is valid. */
async function buildPartitioned(db: Kysely<Database>, index: PlannedIndex, concurrently: boolean): Promise<void> {
  if (index.present) await sql`drop index ${sql.id(index.name)}`.execute(db)
  const onTable = ` ON ${index.table} `
  await sql
    .raw(index.definition.replace('INDEX', 'INDEX IF NOT EXISTS').replace(onTable, ` ON ONLY ${index.table} `))
    .execute(db)
  for (const partition of await partitionsWithout(db, index)) {
    const name = `${index.name}${partition.slice(index.table.length)}`
    await sql`drop index if exists ${sql.id(name)}`.execute(db)
    const definition = index.definition.replace(index.name, name).replace(onTable, ` ON ${partition} `)
    await build(db, { ...index, name, definition, present: false }, concurrently)
    await sql`alter index ${sql.id(index.name)} attach partition ${sql.id(name)}`.execute(db)
  }
}

async function partitionsWithout(db: Kysely<Database>, { name, table }: DeclaredIndex): Promise<string[]> {
  const { rows } = await rawRead(
    [],
    sql<{ partition: string }>`
    select p.inhrelid::regclass::text as partition
    from pg_inherits p
    where p.inhparent = ${table}::regclass
      and not exists (
        select from pg_inherits attached join pg_index x on x.indexrelid = attached.inhrelid
        where attached.inhparent = ${name}::regclass and x.indrelid = p.inhrelid)
    order by 1`,
  ).execute(db)
  return rows.map(({ partition }) => partition)
}

/** Every index that should be there, a model's as soon as it has more vectors than `exactVectorsUpTo`; written as `pg_get_indexdef` would, but without the schema. */
export async function declaredIndexes(db: Kysely<Database>, vectorIndexes: boolean): Promise<DeclaredIndex[]> {
  const ofTables = tables.flatMap((table) =>
    Object.entries(table.indexes).map(([name, index]) => ({
      name,
      table: table.name,
      definition: indexDefinition(table.name, name, index),
      partitioned: table.partitionedBy !== undefined,
    })),
  )
  if (!vectorIndexes || !(await hasModels(db))) return ofTables
  const ofModels = (await indexedModels(db)).map((model) => {
    const [name, index] = vectorIndex(model)
    const table = 'content_chunks'
    return { name, table, definition: indexDefinition(table, name, index), partitioned: false }
  })
  return [...ofTables, ...ofModels]
}

/** Those with more vectors than are compared one by one; an index that is there stays, however many are left. */
async function indexedModels(db: Kysely<Database>): Promise<{ id: number; dimension: number }[]> {
  const { rows } = await rawRead(
    [],
    sql<{ id: number; dimension: number; vectors: number }>`
    select id, dimension, (
      select count(*)::int from (
        select from content_chunks where embedding_model_id = model.id and embedding is not null
        limit ${exactVectorsUpTo + 1}
      ) as vector
    ) as vectors
    from embedding_models as model order by id`,
  ).execute(db)
  const actual = await readIndexes(db)
  return rows.filter((model) => model.vectors > exactVectorsUpTo || actual.has(vectorIndex(model)[0]))
}

/** A plan may be asked for before the first migration has run. */
async function hasModels(db: Kysely<Database>): Promise<boolean> {
  const { rows } = await rawRead(
    [],
    sql<{ found: boolean }>`select to_regclass('embedding_models') is not null as found`,
  ).execute(db)
  return rows[0]?.found === true
}

export function indexDefinition(table: string, name: string, index: Index): string {
  const unique = index.unique ? 'UNIQUE ' : ''
  const where = index.where ? ` WHERE ${index.where}` : ''
  return `CREATE ${unique}INDEX ${name} ON ${table} USING ${index.using}${where}`
}

/** The catalog's indexes of the current schema, those behind constraints and those that a partition inherits left out. */
export async function readIndexes(
  db: Kysely<Database>,
): Promise<Map<string, { table: string; definition: string; valid: boolean }>> {
  const { rows } = await rawRead(
    [],
    sql<{ name: string; table: string; definition: string; valid: boolean }>`
    select i.relname as name, t.relname as "table", x.indisvalid as valid,
           regexp_replace(replace(pg_get_indexdef(i.oid), ' ON ONLY ', ' ON '), ' ON [^ ]+\\.', ' ON ') as definition
    from pg_index x
    join pg_class i on i.oid = x.indexrelid
    join pg_class t on t.oid = x.indrelid
    join pg_namespace n on n.oid = t.relnamespace
    where n.nspname = current_schema()
      and not exists (select from pg_constraint c where c.conindid = x.indexrelid and c.contype <> 'f')
      and not exists (select from pg_inherits h where h.inhrelid = x.indexrelid)`,
  ).execute(db)
  return new Map(rows.map(({ name, ...index }) => [name, index]))
}
