import {
  ColumnNode,
  type ColumnUpdateNode,
  type DeleteQueryNode,
  type InsertQueryNode,
  type OperationNode,
  ReferenceNode,
  ReturningNode,
  SelectionNode,
  TableNode,
  type UpdateQueryNode,
} from 'kysely'
import { findFacts, type TableFacts } from './table-facts.ts'
import { behindAlias, comparisonOf, conjunctsOf, isKind, isValue, referenceOf, tableNameOf } from './walk-nodes.ts'

/** A write's changes, as far as its text tells; the keys of the rows come with its result. */
export interface WritePlan {
  readonly facts: TableFacts
  readonly kind: 'insert' | 'update' | 'delete'
  /** Columns that get another value; of an insert, those of its ON CONFLICT DO UPDATE. */
  readonly changed: ReadonlySet<string>
  /** The earlier values of changed columns, where the predicate gives them. */
  readonly before: ReadonlyMap<string, unknown>
  /** The query with the table's key columns behind all that it returns. */
  readonly returning: InsertQueryNode | UpdateQueryNode | DeleteQueryNode
}

/** Undefined for a query that is no insert, update or delete of one declared table. */
export function planWrite(query: OperationNode): WritePlan | undefined {
  if (isKind<InsertQueryNode>(query, 'InsertQueryNode')) return planInsert(query)
  if (isKind<UpdateQueryNode>(query, 'UpdateQueryNode')) return planUpdate(query)
  if (isKind<DeleteQueryNode>(query, 'DeleteQueryNode')) return planDelete(query)
  return undefined
}

function planInsert(query: InsertQueryNode): WritePlan | undefined {
  const facts = query.into && findFacts(tableNameOf(query.into))
  if (facts === undefined) return undefined
  const changed = changedColumns(query.onConflict?.updates)
  return { facts, kind: 'insert', changed, before: new Map(), returning: returningKeys(query, facts, facts.name) }
}

function planUpdate(query: UpdateQueryNode): WritePlan | undefined {
  const target = targetOf(query.table)
  if (target === undefined) return undefined
  const { facts, alias } = target
  const changed = changedColumns(query.updates)
  const before = keptBy(query.where?.where, alias)
  return { facts, kind: 'update', changed, before, returning: returningKeys(query, facts, alias) }
}

function planDelete(query: DeleteQueryNode): WritePlan | undefined {
  const [table, ...others] = query.from.froms
  const target = others.length === 0 ? targetOf(table) : undefined
  if (target === undefined) return undefined
  const { facts, alias } = target
  return {
    facts,
    kind: 'delete',
    changed: new Set(),
    before: new Map(),
    returning: returningKeys(query, facts, alias),
  }
}

function targetOf(node: OperationNode | undefined): { facts: TableFacts; alias: string } | undefined {
  if (node === undefined) return undefined
  const { node: table, alias } = behindAlias(node)
  if (!isKind<TableNode>(table, 'TableNode')) return undefined
  const facts = findFacts(tableNameOf(table))
  return facts && { facts, alias: alias ?? facts.name }
}

function changedColumns(updates: readonly ColumnUpdateNode[] = []): Set<string> {
  return new Set(
    updates.flatMap(({ column }) => {
      if (ColumnNode.is(column)) return [column.column.name]
      const reference = referenceOf(column)
      return reference === undefined ? [] : [reference.column]
    }),
  )
}

/** The values that the predicate asks of this table's columns. */
function keptBy(where: OperationNode | undefined, alias: string): Map<string, unknown> {
  const values = new Map<string, unknown>()
  for (const node of conjunctsOf(where)) {
    const comparison = comparisonOf(node)
    if (comparison === null || comparison.isIn || !isValue(comparison.right)) continue
    const reference = referenceOf(comparison.left)
    if (reference !== undefined && (reference.of ?? alias) === alias)
      values.set(reference.column, comparison.right.value)
  }
  return values
}

/** Last, so that the driver can cut them off again: the query's own result stays as it is. */
function returningKeys<Query extends InsertQueryNode | UpdateQueryNode | DeleteQueryNode>(
  query: Query,
  { keys }: TableFacts,
  alias: string,
): Query {
  if (keys.length === 0) return query
  const selections = keys.map((column) =>
    SelectionNode.create(ReferenceNode.create(ColumnNode.create(column), TableNode.create(alias))),
  )
  const own = query.returning?.selections ?? []
  return { ...query, returning: ReturningNode.create([...own, ...selections]) }
}
