import {
  type AggregateFunctionNode,
  type AliasNode,
  type CommonTableExpressionNameNode,
  type FunctionNode,
  type IdentifierNode,
  type OperationNode,
  type RawNode,
  type ReferenceNode,
  SelectAllNode,
  type SelectionNode,
  type SelectQueryNode,
  type TableNode,
} from 'kysely'
import { type Declaration, declarationOf, isRaw } from './declared-sql.ts'
import { factsOfSql, unknownIn } from './raw-sql.ts'
import { type SourceRead, sourcesOf } from './select-sources.ts'
import { findFacts, type TableFacts, tableNames } from './table-facts.ts'
import { isKind, tableNameOf, walkNodes } from './walk-nodes.ts'

/** A query's reads, as far as its text tells; values and result rows complete them: see `tagsOfRead`. */
export interface ReadPlan {
  readonly reads: readonly (SourceRead & { readonly columns: readonly string[] })[]
  /** A dependency that no tag can stand for: with one, the answer must not be kept. */
  readonly unknown: string | undefined
  /** Tables that the query changes on the way, by raw SQL or in a CTE. */
  readonly writes: readonly string[]
}

/** SQL text in a recorded call declares neither reads nor changes: answers that depend on it would be kept too long. */
class UndeclaredSqlError extends Error {
  override readonly name = 'UndeclaredSqlError'
  constructor(text: string) {
    super(`Say what this SQL reads or changes, with rawRead, rawWrite or withTouched: ${text.trim().slice(0, 200)}`)
  }
}

/** @throws UndeclaredSqlError for a statement that is text as a whole, without a declaration. */
export function assertDeclared(query: OperationNode): void {
  if (!isRaw(query) || declarationOf(query) !== undefined) return
  throw new UndeclaredSqlError(query.sqlFragments.join('…'))
}

const writeKinds = new Set(['InsertQueryNode', 'UpdateQueryNode', 'DeleteQueryNode', 'MergeQueryNode'])

/**
 * Reads a query's nodes. Each table that it selects from is a dependency: on the rows with certain key values where the
 * predicate says so, on the whole table otherwise. Anything not understood counts as the whole table.
 */
export function planRead(query: OperationNode): ReadPlan {
  const seen = survey(query)
  const reads = seen.selects.flatMap((select) =>
    sourcesOf(select, { isTop: select === query, isDerived: (name) => seen.derived.has(name) }),
  )
  const handled = new Set(reads.map(({ node }) => node))
  const whole = [...seen.tables.keys().filter((node) => !handled.has(node)), ...seen.rawTables]
  const declared = [...seen.declared].flatMap(([table, columns]) => withColumns(table, columns ?? 'all'))
  const unknownTable = [...seen.tables.values()].find(
    (name) => !seen.derived.has(name) && findFacts(name) === undefined,
  )
  return {
    reads: [...reads, ...new Set(whole.map((each) => (typeof each === 'string' ? each : tableNameOf(each))))]
      .flatMap((read) => withColumns(read, seen.readsAllColumns ? 'all' : seen.names))
      .concat(declared),
    unknown: seen.unknown ?? unknownTable ?? tablesOf(seen).find((name) => findFacts(name)?.isUnannounced),
    writes: [...seen.writes],
  }
}

const tablesOf = ({ tables, rawTables, declared }: Survey) => [...tables.values(), ...rawTables, ...declared.keys()]

interface Survey {
  /** Every identifier and every word of raw SQL. */
  readonly names: Set<string>
  readonly tables: Map<TableNode, string>
  readonly rawTables: Set<string>
  /** Tables and columns that declared SQL reads. */
  readonly declared: Map<string, ReadonlySet<string> | undefined>
  readonly selects: SelectQueryNode[]
  /** Names of CTEs. */
  readonly derived: Set<string>
  /** Tables that a CTE writes to, or declared SQL. */
  readonly writes: Set<string>
  readsAllColumns: boolean
  unknown: string | undefined
  /** Names of tables in this query, and sole arguments of functions in raw SQL: a name in both means that whole rows are read. */
  readonly rowNames: Set<string>
  readonly soleArguments: Set<string>
}

function survey(query: OperationNode): Survey {
  const seen: Survey = {
    names: new Set(),
    tables: new Map(),
    rawTables: new Set(),
    declared: new Map(),
    selects: [],
    derived: new Set(),
    writes: new Set(),
    readsAllColumns: false,
    unknown: undefined,
    rowNames: new Set(),
    soleArguments: new Set(),
  }
  walkNodes(query, (node) => visit(node, seen, query))
  seen.readsAllColumns ||= seen.soleArguments.values().some((name) => tableNames.has(name) || seen.rowNames.has(name))
  return seen
}

function visit(node: OperationNode, seen: Survey, root: OperationNode): boolean {
  if (isKind<IdentifierNode>(node, 'IdentifierNode')) addName(node.name, seen)
  else if (isKind<TableNode>(node, 'TableNode')) {
    seen.tables.set(node, tableNameOf(node))
    return false
  } else if (isKind<AliasNode>(node, 'AliasNode')) addAlias(node, seen)
  else if (isKind<SelectQueryNode>(node, 'SelectQueryNode')) seen.selects.push(node)
  else if (isKind<CommonTableExpressionNameNode>(node, 'CommonTableExpressionNameNode'))
    seen.derived.add(node.table.table.identifier.name)
  else if (isKind<RawNode>(node, 'RawNode')) return addRaw(node, seen)
  else if (isKind<FunctionNode>(node, 'FunctionNode')) addCall(node.func, node.arguments, seen)
  else if (SelectAllNode.is(node)) seen.readsAllColumns = true
  else if (writeKinds.has(node.kind) && (node !== root || node.kind === 'MergeQueryNode')) addWrite(node, seen)
  else if (isKind<AggregateFunctionNode>(node, 'AggregateFunctionNode')) {
    addCall(node.func, node.aggregated, seen)
    return !isCountAll(node)
  } else if (isKind<ReferenceNode>(node, 'ReferenceNode')) {
    // Its table is an alias, or a table that stands in a FROM too.
    if (node.column.kind === 'SelectAllNode') seen.readsAllColumns = true
    else seen.names.add(node.column.column.name)
    return false
  }
  return true
}

const isCountAll = ({ aggregated, filter, over, orderBy, withinGroup }: AggregateFunctionNode) =>
  [filter, over, orderBy, withinGroup].every((part) => part === undefined) &&
  aggregated.every((node) => isKind<SelectionNode>(node, 'SelectionNode') && node.selection.kind === 'SelectAllNode')

/** Raw SQL may name a table by `sql.id` too; an alias that equals a table's name only costs extra tags. */
function addName(name: string, seen: Survey): void {
  seen.names.add(name)
  if (tableNames.has(name)) seen.rawTables.add(name)
}

function addAlias({ node, alias }: AliasNode, seen: Survey): void {
  if (node.kind === 'TableNode' && isKind<IdentifierNode>(alias, 'IdentifierNode')) seen.rowNames.add(alias.name)
}

/** A function that is given a table, as `to_json` may be, reads whole rows. */
function addCall(name: string, given: readonly OperationNode[], seen: Survey): void {
  seen.unknown ??= unknownIn([name])
  seen.readsAllColumns ||= given.some(({ kind }) => kind === 'TableNode')
}

/** Declared SQL is not searched for tables, but for dependencies that no tag can stand for. */
function addRaw(node: RawNode, seen: Survey): boolean {
  const declaration = declarationOf(node)
  if (declaration !== undefined) {
    addDeclared(declaration, seen)
    walkNodes(node.parameters, (part) => {
      if (!isRaw(part)) return visit(part, seen, node)
      for (const fragment of part.sqlFragments) {
        const { words, unknown } = factsOfSql(fragment)
        seen.unknown ??= unknown
        // For queries that Kysely built inside it.
        for (const word of words) seen.names.add(word)
      }
      return true
    })
    return false
  }
  for (const fragment of node.sqlFragments) {
    const facts = factsOfSql(fragment)
    if (facts.needsDeclaration) throw new UndeclaredSqlError(fragment)
    for (const word of facts.words) seen.names.add(word)
    for (const table of facts.tables) seen.rawTables.add(table)
    for (const name of facts.soleArguments) seen.soleArguments.add(name)
    seen.readsAllColumns ||= facts.readsAllColumns
    seen.unknown ??= facts.unknown
  }
  return true
}

function addDeclared({ verb, tables }: Declaration, seen: Survey): void {
  for (const [table, columns] of tables) {
    if (verb === 'changes') seen.writes.add(table)
    else seen.declared.set(table, seen.declared.has(table) ? unionOf(seen.declared.get(table), columns) : columns)
  }
}

function unionOf(one: ReadonlySet<string> | undefined, other: ReadonlySet<string> | undefined) {
  return one && other && one.union(other)
}

function addWrite(node: OperationNode, seen: Survey): void {
  walkNodes(node, (each) => {
    if (isKind<TableNode>(each, 'TableNode')) seen.writes.add(tableNameOf(each))
    return true
  })
}

function withColumns(read: SourceRead | string, named: ReadonlySet<string> | 'all'): ReadPlan['reads'] {
  const source: SourceRead | undefined = typeof read === 'string' ? wholeTable(read) : read
  if (source === undefined) return []
  const { columns, primaryKey } = source.facts
  // A row keeps its primary key: reading it is no dependency on a change.
  const counted = [...columns].filter((column) => column !== primaryKey && (named === 'all' || named.has(column)))
  return [{ ...source, columns: counted }]
}

function wholeTable(name: string): SourceRead | undefined {
  const facts: TableFacts | undefined = findFacts(name)
  return facts && { facts, node: undefined, by: 'table' }
}
