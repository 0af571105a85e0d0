import { readFile } from 'node:fs/promises'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from './testing/test-db.ts'

/** How a table is kept under Citus: whole on the coordinator, a copy on every node, or in shards by a column. */
interface Plan {
  readonly kept: 'whole' | 'copied' | 'shards'
  readonly column?: string | undefined
  /** Keys, references and triggers that docs/scale.md says cannot stay as they are. */
  readonly goes: readonly string[]
}

interface Key {
  readonly table: string
  readonly name: string
  readonly columns: readonly string[]
}

interface Reference extends Key {
  readonly to: string
  readonly toColumns: readonly string[]
}

let database: TestDatabase
let plans: Map<string, Plan>
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  plans = readPlans(await readFile(new URL('../../../docs/scale.md', import.meta.url), 'utf8'))
})
afterAll(() => database.close())

/** The rows of the table under "Citus": table, `whole`, `copied` or `shards by COLUMN`, and what goes. */
function readPlans(text: string): Map<string, Plan> {
  const rows = text.matchAll(/^\| `(\w+)`\s*\| (whole|copied|shards by `(\w+)`)\s*\| (.*) \|$/gm)
  return new Map(
    [...rows].map(([, table = '', kept = '', column, goes = '']) => [
      table,
      {
        kept: kept.startsWith('shards') ? 'shards' : (kept as 'whole' | 'copied'),
        column,
        goes: [...goes.matchAll(/`(\w+)`/g)].map(([, name = '']) => name).toSorted(),
      },
    ]),
  )
}

async function ask<Row>(query: string): Promise<Row[]> {
  return (await sql.raw<Row>(query).execute(database.db)).rows
}

const ofOurs = (table: string) => `select c.oid, c.relname from pg_class c
  where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = current_schema()::regnamespace
    and c.relname not like 'kysely%' ${table}`

const uniqueKeys = () =>
  ask<Key>(`
    select t.relname as "table", i.indexrelid::regclass::text as name,
           array(select coalesce(a.attname::text, '') from unnest(i.indkey::int2[]) with ordinality as k (attnum, at)
                 left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
                 where at <= i.indnkeyatts order by at) as columns
    from pg_index i join (${ofOurs('')}) t on t.oid = i.indrelid where i.indisunique order by 1, 2`)

const references = () =>
  ask<Reference>(`
    select t.relname as "table", f.conname as name, f.confrelid::regclass::text as "to",
           array(select attname::text from unnest(f.conkey) with ordinality as k (attnum, at)
                 join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.attnum order by at) as columns,
           array(select attname::text from unnest(f.confkey) with ordinality as k (attnum, at)
                 join pg_attribute a on a.attrelid = f.confrelid and a.attnum = k.attnum order by at) as to_columns
    from pg_constraint f join (${ofOurs('')}) t on t.oid = f.conrelid where f.contype = 'f' order by 1, 2`)

const triggers = () =>
  ask<Key>(`
    select t.relname as "table", g.tgname as name, '{}'::text[] as columns
    from pg_trigger g join (${ofOurs('')}) t on t.oid = g.tgrelid where not g.tgisinternal order by 1, 2`)

const planOf = (table: string): Plan => plans.get(table) ?? { kept: 'whole', goes: [] }

/** Citus compares a key within a shard alone: it must hold the column that tells the shard. */
const keyStays = ({ table, columns }: Key): boolean => {
  const { kept, column = '' } = planOf(table)
  return kept !== 'shards' || columns.includes(column)
}

/** From shards only to copies, or to shards of the same number by the same value; from elsewhere never into shards. */
const referenceStays = ({ table, columns, to, toColumns }: Reference): boolean => {
  const [from, target] = [planOf(table), planOf(to)]
  if (target.kept === 'copied') return true
  if (target.kept === 'whole') return from.kept === 'whole'
  const at = columns.indexOf(from.column ?? '')
  return from.kept === 'shards' && at >= 0 && toColumns[at] === target.column
}

test('docs/scale.md says of every table how Citus would keep it', async () => {
  const tables = (await ask<{ relname: string }>(ofOurs('order by 2'))).map(({ relname }) => relname)
  expect([...plans.keys()].toSorted()).toEqual(tables)
})

test('a table in shards has its column, and never without a value', async () => {
  const columns = await ask<{ name: string }>(`
    select t.relname || '.' || a.attname as name from (${ofOurs('')}) t join pg_attribute a on a.attrelid = t.oid
    where a.attnum > 0 and a.attnotnull`)
  const names = new Set(columns.map(({ name }) => name))
  const sharded = [...plans].filter(([, { kept }]) => kept === 'shards')
  expect(sharded.length).toBeGreaterThan(5)
  for (const [table, { column }] of sharded) expect(names).toContain(`${table}.${column}`)
})

test('every unique key holds the column of its shards, every reference stays within them, and no trigger is on them, or docs/scale.md names it', async () => {
  const goes = [
    ...(await uniqueKeys()).filter((key) => !keyStays(key)),
    ...(await references()).filter((reference) => !referenceStays(reference)),
    ...(await triggers()).filter(({ table }) => planOf(table).kept !== 'whole'),
  ]
  const found = [...plans.keys()].map((table) => [
    table,
    goes.filter((each) => each.table === table).map(({ name }) => name),
  ])
  expect(Object.fromEntries(found.map(([table, names]) => [table, (names as string[]).toSorted()]))).toEqual(
    Object.fromEntries([...plans].map(([table, plan]) => [table, plan.goes])),
  )
})
