import { type OperationNode, type RawBuilder, type RawNode, sql } from 'kysely'
import { toSnakeCase } from '../column-names.ts'
import type { Database } from '../database.ts'
import { findFacts } from './table-facts.ts'
import { isKind } from './walk-nodes.ts'

type TableName = keyof Database & string
/** A table with all its columns, or one column of it. */
type Source = TableName | { [Name in TableName]: `${Name}.${keyof Database[Name] & string}` }[TableName]

/**
 * SQL text with its reads declared, since the text is not parsed: these tables, or of a table whose columns churn (`churning`
 * in its declaration) these columns. Queries that Kysely built inside it count as always.
 *
 * @example rawRead(['cards', 'users.username'], sql<Row>`select … from cards join users on …`).execute(db)
 */
export function rawRead<Row>(sources: readonly Source[], query: RawBuilder<Row>): RawBuilder<Row> {
  return declared('reads', sources, query)
}

/** SQL text that changes unknown rows of these tables; where the rows are known, use `withTouched`. */
export function rawWrite<Row>(tables: readonly TableName[], query: RawBuilder<Row>): RawBuilder<Row> {
  return declared('changes', tables, query)
}

export interface Declaration {
  readonly verb: 'reads' | 'changes'
  /** Columns are undefined where all of them count. Names are the database's own. */
  readonly tables: ReadonlyMap<string, ReadonlySet<string> | undefined>
}

/** Keeps the declaration in the text itself, at its end: plugins make new nodes, but leave text as it is. */
function declared<Row>(verb: Declaration['verb'], sources: readonly string[], query: RawBuilder<Row>): RawBuilder<Row> {
  return sql<Row>`${query}${sql.raw(` /* ${verb}: ${sources.map(toSnakeCase).join(' ')} */`)}`
}

const form = /^ \/\* (reads|changes): ([\w. ]*) \*\/$/
const known = new Map<string, Declaration>()

/** Undefined where the text has no declaration. */
export function declarationOf({ parameters }: RawNode): Declaration | undefined {
  const last = parameters.at(-1)
  const [text = ''] = last !== undefined && isRaw(last) ? last.sqlFragments : []
  const found = known.get(text)
  if (found !== undefined) return found
  const [, verb, names = ''] = form.exec(text) ?? []
  if (verb === undefined) return undefined
  const tables = new Map<string, Set<string> | undefined>()
  for (const [table = '', column] of names.split(' ').map((name) => name.split('.'))) {
    if (table === '') continue
    if (findFacts(table) === undefined) throw new TypeError(`The declared table ${table} does not exist`)
    tables.set(table, column === undefined ? undefined : (tables.get(table) ?? new Set<string>()).add(column))
  }
  const declaration = { verb: verb as Declaration['verb'], tables }
  known.set(text, declaration)
  return declaration
}

export function isRaw(node: OperationNode): node is RawNode {
  return isKind<RawNode>(node, 'RawNode')
}
