import { CompiledQuery, type Kysely, sql } from 'kysely'
import { type Database, tables } from '../database.ts'

/** Every declared index, by name. */
export const declaredIndexNames: readonly string[] = tables.flatMap((table) => Object.keys(table.indexes))

/**
 * PostgreSQL's plan of a query with its values, line by line. A month's index goes by the name of the index that it is
 * part of.
 */
export async function planOf(db: Kysely<Database>, query: CompiledQuery): Promise<string[]> {
  const { rows } = await db.executeQuery<object>(CompiledQuery.raw(`explain ${query.sql}`, [...query.parameters]))
  const parents = await indexParents(db)
  return rows.map((row) => String(Object.values(row)[0]).replace(/\b\w+\b/g, (word) => parents.get(word) ?? word))
}

async function indexParents(db: Kysely<Database>): Promise<Map<string, string>> {
  const { rows } = await sql<{ name: string; parent: string }>`
    select child.relname as name, parent.relname as parent
    from pg_inherits
    join pg_class as child on child.oid = inhrelid
    join pg_class as parent on parent.oid = inhparent
    where child.relkind = 'i'`.execute(db)
  return new Map(rows.map(({ name, parent }) => [name, parent]))
}
