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
import { factsOfSql, unknownIn } from './raw-sql.ts'
import { type SourceRead, sourcesOf } from './select-sources.ts'
import { findFacts, type TableFacts, tableNames } from './table-facts.ts'
import { isKind, tableNameOf, walkNodes } from './walk-nodes.ts'

/** What a query reads, as far as its text tells; values and result rows complete it: see `tagsOfRead`. */
export interface ReadPlan {
  readonly reads: readonly (SourceRead & { readonly columns: readonly string[] })[]
  /** What no tag can stand for; the answer must not be kept. */
  readonly unknown: string | undefined
  /** Tables that the query changes on the way, by raw SQL or in a CTE. */
  readonly writes: readonly string[]
}

const writeKinds = new Set(['InsertQueryNode', 'UpdateQueryNode', 'DeleteQueryNode', 'MergeQueryNode'])

/**
 * Reads a query's nodes. Each table that it selects from is a dependency: on the rows with certain key values where the
 * predicate says so, on the whole table otherwise. What is not understood counts as the whole table.
 */
export function planRead(query: OperationNode): ReadPlan {
  const seen = survey(query)
  const reads = seen.selects.flatMap((select) =>
    sourcesOf(select, { isTop: select === query, isDerived: (name) => seen.derived.has(name) }),
  )
  const handled = new Set(reads.map(({ node }) => node))
  const whole = [...seen.tables.keys().filter((node) => !handled.has(node)), ...seen.rawTables]
  const unknownTable = [...seen.tables.values()].find(
    (name) => !seen.derived.has(name) && findFacts(name) === undefined,
  )
  return {
    reads: [...reads, ...new Set(whole.map((each) => (typeof each === 'string' ? each : tableNameOf(each))))].flatMap(
      (read) => withColumns(read, seen),
    ),
    unknown: seen.unknown ?? unknownTable,
    writes: seen.rawWrites ? [...seen.writes, ...seen.rawTables, ...seen.tables.values()] : [...seen.writes],
  }
}

interface Survey {
  /** Every identifier and every word of raw SQL. */
  readonly names: Set<string>
  readonly tables: Map<TableNode, string>
  readonly rawTables: Set<string>
  readonly selects: SelectQueryNode[]
  /** Names of CTEs. */
  readonly derived: Set<string>
  /** Tables that a CTE writes to. */
  readonly writes: Set<string>
  /** Raw SQL writes: to any of the tables that the query names. */
  rawWrites: boolean
  readsAllColumns: boolean
  unknown: string | undefined
  /** Names that tables have in this query, and what raw SQL hands to functions alone: where the two meet, whole rows are read. */
  readonly rowNames: Set<string>
  readonly soleArguments: Set<string>
}

function survey(query: OperationNode): Survey {
  const seen: Survey = {
    names: new Set(),
    tables: new Map(),
    rawTables: new Set(),
    selects: [],
    derived: new Set(),
    writes: new Set(),
    rawWrites: false,
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
  else if (isKind<RawNode>(node, 'RawNode')) addRaw(node, seen)
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

/** In raw SQL a table may be named by `sql.id` too; an alias like a table costs no more than tags. */
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

function addRaw({ sqlFragments }: RawNode, seen: Survey): void {
  for (const fragment of sqlFragments) {
    const facts = factsOfSql(fragment)
    for (const word of facts.words) seen.names.add(word)
    for (const table of facts.tables) seen.rawTables.add(table)
    for (const alias of facts.aliases) seen.rowNames.add(alias)
    for (const name of facts.soleArguments) seen.soleArguments.add(name)
    seen.rawWrites ||= facts.writes
    seen.readsAllColumns ||= facts.readsAllColumns
    seen.unknown ??= facts.unknown
  }
}

function addWrite(node: OperationNode, seen: Survey): void {
  walkNodes(node, (each) => {
    if (isKind<TableNode>(each, 'TableNode')) seen.writes.add(tableNameOf(each))
    return true
  })
}

function withColumns(read: SourceRead | string, seen: Survey): ReadPlan['reads'] {
  const source: SourceRead | undefined = typeof read === 'string' ? wholeTable(read) : read
  if (source === undefined) return []
  const { columns, primaryKey } = source.facts
  const named = seen.readsAllColumns ? [...columns] : [...columns].filter((column) => seen.names.has(column))
  // A row keeps its primary key: having it read tells nothing of what may change.
  return [{ ...source, columns: named.filter((column) => column !== primaryKey) }]
}

function wholeTable(name: string): SourceRead | undefined {
  const facts: TableFacts | undefined = findFacts(name)
  return facts && { facts, node: undefined, by: 'table' }
}
