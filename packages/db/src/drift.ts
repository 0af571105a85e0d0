import { type Kysely, sql } from 'kysely'
import { toSnakeCase } from './column-names.ts'
import { type Database, tables } from './database.ts'
import { declaredIndexes, readIndexes } from './indexes.ts'

/** Kysely's own book-keeping; nobody declares it. */
const undeclaredTables = ['kysely_migration', 'kysely_migration_lock']

/**
 * Compares the tables' declarations with the live catalog, both ways: tables, columns (type, nullability, default),
 * constraints, indexes (definition, validity), triggers; partitions by their parents. Returns one sentence per difference; empty means none.
 */
export async function findDrift(db: Kysely<Database>): Promise<string[]> {
  return [
    ...compare('column', declaredColumns(), await readColumns(db)),
    ...compare('constraint', declaredConstraints(), await readConstraints(db)),
    ...compare('index', await declaredIndexMap(db), await readIndexMap(db)),
    ...compare('trigger', declaredTriggers(), await readTriggers(db)),
  ]
}

type Descriptions = ReadonlyMap<string, string>

function compare(what: string, declared: Descriptions, actual: Descriptions): string[] {
  const drift: string[] = []
  for (const [name, definition] of declared) {
    const found = actual.get(name)
    if (found === undefined) drift.push(`${what} ${name} is declared but not in the database`)
    else if (found !== definition) drift.push(`${what} ${name} is declared as «${definition}» but is «${found}»`)
  }
  for (const name of actual.keys()) {
    if (!declared.has(name)) drift.push(`${what} ${name} is in the database but not declared`)
  }
  return drift
}

function declaredColumns(): Descriptions {
  return new Map(
    tables.flatMap((table) =>
      Object.entries(table.columns).map(([name, column]) => [
        `${table.name}.${toSnakeCase(name)}`,
        `${column.sqlType}${column.nullable ? '' : ' not null'}${column.hasDefault ? ' with default' : ''}${column.statisticsTarget ? ` statistics ${column.statisticsTarget}` : ''}`,
      ]),
    ),
  )
}

async function readColumns(db: Kysely<Database>): Promise<Descriptions> {
  const { rows } = await sql<{ name: string; description: string }>`
    select c.relname || '.' || a.attname as name,
           format_type(a.atttypid, a.atttypmod) || case when a.attnotnull then ' not null' else '' end
             || case when a.atthasdef or a.attidentity <> '' then ' with default' else '' end
             || case when a.attstattarget > 0 then ' statistics ' || a.attstattarget else '' end as description
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid
    join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = current_schema() and c.relkind in ('r', 'p') and not c.relispartition and a.attnum > 0 and not a.attisdropped
      and c.relname <> all(${undeclaredTables})`.execute(db)
  return new Map(rows.map((row) => [row.name, row.description]))
}

function declaredConstraints(): Descriptions {
  return new Map(
    tables.flatMap((table) =>
      Object.entries(table.constraints).map(([name, definition]) => [`${table.name}.${name}`, definition]),
    ),
  )
}

async function readConstraints(db: Kysely<Database>): Promise<Descriptions> {
  // PostgreSQL 18 lists NOT NULL here too (contype n); the columns' comparison already holds it.
  const { rows } = await sql<{ name: string; description: string }>`
    select t.relname || '.' || c.conname as name, pg_get_constraintdef(c.oid) as description
    from pg_constraint c
    join pg_class t on t.oid = c.conrelid
    join pg_namespace n on n.oid = t.relnamespace
    where n.nspname = current_schema() and c.contype <> 'n' and not t.relispartition and t.relname <> all(${undeclaredTables})`.execute(
    db,
  )
  return new Map(rows.map((row) => [row.name, row.description]))
}

async function declaredIndexMap(db: Kysely<Database>): Promise<Descriptions> {
  return new Map((await declaredIndexes(db, true)).map((index) => [index.name, index.definition]))
}

async function readIndexMap(db: Kysely<Database>): Promise<Descriptions> {
  const actual = [...(await readIndexes(db))].filter(([, index]) => !undeclaredTables.includes(index.table))
  return new Map(actual.map(([name, index]) => [name, index.valid ? index.definition : `INVALID: ${index.definition}`]))
}

function declaredTriggers(): Descriptions {
  return new Map(
    tables.flatMap((table) =>
      Object.entries(table.triggers ?? {}).map(([name, definition]) => [`${table.name}.${name}`, definition]),
    ),
  )
}

async function readTriggers(db: Kysely<Database>): Promise<Descriptions> {
  const { rows } = await sql<{ name: string; description: string }>`
    select t.relname || '.' || g.tgname as name,
           regexp_replace(pg_get_triggerdef(g.oid), ' ON [^ ]+\\.', ' ON ')
             || case when g.tgenabled = 'D' then ' DISABLED' else '' end as description
    from pg_trigger g
    join pg_class t on t.oid = g.tgrelid
    join pg_namespace n on n.oid = t.relnamespace
    where n.nspname = current_schema() and not g.tgisinternal and not t.relispartition`.execute(db)
  return new Map(rows.map((row) => [row.name, row.description]))
}
