import { type Kysely, sql } from 'kysely'
import type { Database } from '../database.ts'
import { rawRead } from '../dependencies/declared-sql.ts'
import { planIndexes } from '../indexes.ts'

interface IndexUse {
  readonly table: string
  readonly index: string
  readonly bytes: number
  /** Since the statistics were last reset. Of a partitioned index: of all its parts. */
  readonly scans: number
  /** Null: never. */
  readonly lastScanAt: string | null
}

export interface IndexReport {
  readonly indexes: readonly IndexUse[]
  /** Never scanned, and not there to keep rows unique. Says little on a server that has just started. */
  readonly unused: readonly IndexUse[]
  /** Declared, and not in the database. */
  readonly missing: readonly string[]
  /** Left behind by a build that was killed; PostgreSQL keeps it up to date and never reads it. */
  readonly invalid: readonly string[]
  /** Not as it is declared. */
  readonly changed: readonly string[]
  /** Foreign keys without an index: deleting the row that they point at scans the whole table. */
  readonly unindexedForeignKeys: readonly { table: string; constraint: string }[]
  /** At least twice the size that its entries need (an estimate), and over a megabyte: REINDEX CONCURRENTLY mends it. */
  readonly bloated: readonly { index: string; bytes: number; neededBytes: number }[]
  /** Read from end to end more often than by an index, with over 10,000 rows. */
  readonly scannedTables: readonly { table: string; sequentialScans: number; indexScans: number; rows: number }[]
}

/** All facts about the indexes of a database in use. Reads catalogs only; milliseconds. */
export async function indexReport(db: Kysely<Database>): Promise<IndexReport> {
  const uses = await readUses(db)
  const plan = await planIndexes(db, true)
  const named = (kind: string) => plan.filter((index) => index.kind === kind).map(({ name }) => name)
  return {
    indexes: uses.map(({ isUnique: _, ...use }) => use),
    unused: uses.filter(({ scans, isUnique }) => scans === 0 && !isUnique).map(({ isUnique: _, ...use }) => use),
    missing: named('index created'),
    invalid: named('invalid index rebuilt'),
    changed: named('changed index rebuilt'),
    unindexedForeignKeys: await readUnindexedForeignKeys(db),
    bloated: await readBloated(db),
    scannedTables: await readScannedTables(db),
  }
}

async function readUses(db: Kysely<Database>): Promise<(IndexUse & { isUnique: boolean })[]> {
  const { rows } = await rawRead(
    [],
    sql<IndexUse & { isUnique: boolean }>`
    select top_table.relname as "table", top.relname as index, sum(pg_relation_size(s.indexrelid))::float8 as bytes,
           sum(s.idx_scan)::float8 as scans, max(s.last_idx_scan) as last_scan_at, bool_or(x.indisunique) as is_unique
    from pg_stat_user_indexes s
    join pg_index x on x.indexrelid = s.indexrelid
    left join pg_inherits h on h.inhrelid = s.indexrelid
    join pg_class top on top.oid = coalesce(h.inhparent, s.indexrelid)
    join pg_index top_index on top_index.indexrelid = top.oid
    join pg_class top_table on top_table.oid = top_index.indrelid
    where s.schemaname = current_schema() and s.relname not like 'kysely\\_%'
    group by 1, 2
    order by bytes desc`,
  ).execute(db)
  return rows
}

async function readUnindexedForeignKeys(db: Kysely<Database>) {
  const { rows } = await rawRead(
    [],
    sql<{ table: string; constraint: string }>`
    select t.relname as "table", c.conname as "constraint"
    from pg_constraint c
    join pg_class t on t.oid = c.conrelid
    join pg_namespace n on n.oid = t.relnamespace
    where n.nspname = current_schema() and c.contype = 'f' and not t.relispartition
      and not exists (select from pg_index x where x.indrelid = c.conrelid and x.indkey[0] = any(c.conkey))
    order by 1, 2`,
  ).execute(db)
  return rows
}

/**
 * B-trees over plain columns: an entry is its keys (their average width) and 20 bytes of header and pointer, a page is
 * filled to 9 tenths. Deduplication makes real ones smaller, so a reported index is bloated indeed.
 */
async function readBloated(db: Kysely<Database>) {
  const { rows } = await rawRead(
    [],
    sql<{ index: string; bytes: number; neededBytes: number }>`
    select * from (
      select i.relname as index, pg_relation_size(i.oid)::float8 as bytes,
             (i.reltuples * (20 + sum(s.avg_width)) / 0.9)::float8 as needed_bytes
      from pg_index x
      join pg_class i on i.oid = x.indexrelid
      join pg_class t on t.oid = x.indrelid
      join pg_namespace n on n.oid = t.relnamespace
      join pg_am m on m.oid = i.relam and m.amname = 'btree'
      join pg_attribute a on a.attrelid = t.oid and a.attnum = any(x.indkey)
      join pg_stats s on s.schemaname = n.nspname and s.tablename = t.relname and s.attname = a.attname
      where n.nspname = current_schema() and x.indexprs is null
      group by i.oid, i.relname, i.reltuples
    ) as size
    where bytes > 2 * needed_bytes and bytes > 1048576
    order by bytes - needed_bytes desc`,
  ).execute(db)
  return rows
}

async function readScannedTables(db: Kysely<Database>) {
  const { rows } = await rawRead(
    [],
    sql<{ table: string; sequentialScans: number; indexScans: number; rows: number }>`
    select relname as "table", seq_scan::float8 as sequential_scans, coalesce(idx_scan, 0)::float8 as index_scans,
           n_live_tup::float8 as rows
    from pg_stat_user_tables
    where schemaname = current_schema() and n_live_tup > 10000 and seq_scan > coalesce(idx_scan, 0)
    order by seq_tup_read desc`,
  ).execute(db)
  return rows
}
