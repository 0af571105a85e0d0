import type { JoinNode, OperationNode, SelectQueryNode, TableNode } from 'kysely'
import { factsOfSql } from './raw-sql.ts'
import { findFacts, type TableFacts } from './table-facts.ts'
import {
  behindAlias,
  comparisonOf,
  conjunctsOf,
  isKind,
  isValue,
  type Reference,
  referenceOf,
  tableNameOf,
  walkNodes,
} from './walk-nodes.ts'

/** One table in one FROM, and the way its rows are known. */
export type SourceRead = { readonly facts: TableFacts; readonly node: TableNode | undefined } & (
  | { readonly by: 'table' }
  /** Only rows with one of these values in the column matter. */
  | { readonly by: 'key'; readonly column: string; readonly values: readonly unknown[] }
  /**
   * Joined by its primary key to a column that references it: a row that comes cannot matter. Of those that change, the
   * ones in the result do (`output` names the column that holds their keys), and those in which one of `filters` does.
   */
  | { readonly by: 'reference'; readonly output: string | undefined; readonly filters: readonly string[] }
)

interface Source {
  readonly facts: TableFacts
  readonly node: TableNode
  readonly alias: string
  readonly join: JoinNode | undefined
}

interface Equality {
  readonly left: OperationNode
  readonly right: OperationNode
  readonly isIn: boolean
  /** The table of an outer join, whose rows alone this one limits. */
  readonly onlyFor: string | undefined
}

interface Scope {
  readonly select: SelectQueryNode
  readonly sources: readonly Source[]
  /** Rows of the result stand for rows of the tables: no grouping, no other query beside it. */
  readonly isPlain: boolean
  readonly isTop: boolean
}

/** The tables of a select's own FROM and JOINs; a subquery is a select of its own. */
export function sourcesOf(
  select: SelectQueryNode,
  { isTop, isDerived }: { isTop: boolean; isDerived: (name: string) => boolean },
): SourceRead[] {
  const { from, joins = [], groupBy, having, distinctOn, setOperations, frontModifiers, offset } = select
  const given = [
    ...(from?.froms ?? []).map((node) => ({ node, join: undefined })),
    ...joins.map((join) => ({ node: join.table, join })),
  ]
  const sources = given.flatMap(({ node, join }) => {
    const { node: table, alias } = behindAlias(node)
    if (!isKind<TableNode>(table, 'TableNode')) return []
    const name = tableNameOf(table)
    const facts = isDerived(name) ? undefined : findFacts(name)
    return facts === undefined ? [] : [{ facts, node: table, alias: alias ?? name, join }]
  })
  const isGrouped = groupBy ?? having ?? distinctOn ?? setOperations ?? frontModifiers
  const isPlain = isGrouped === undefined && offset === undefined && showsColumnsAlone(select)
  const scope: Scope = { select, sources, isPlain, isTop }
  const equalities = equalitiesOf(scope)
  const known = knownValues(scope, equalities)
  return sources.map((source) => readOf(source, scope, equalities, known))
}

/** An expression may look at other rows, as a window does, or leave a row out, as `unnest` does; a column cannot. */
function showsColumnsAlone({ selections = [] }: SelectQueryNode): boolean {
  return selections.every(({ selection }) => {
    const { node } = behindAlias(selection)
    return node.kind === 'ReferenceNode' || node.kind === 'SelectAllNode'
  })
}

/** The narrowest read that holds: one row's neighbours by id, then the rows shown, then a property such as a status. */
function readOf(source: Source, scope: Scope, equalities: Equality[], known: Known): SourceRead {
  const { facts, node, alias } = source
  const columns = facts.keys.filter((column) => known.has(`${alias}.${column}`))
  const byKey = (column: string | undefined): SourceRead | undefined =>
    column === undefined ? undefined : { facts, node, by: 'key', column, values: known.get(`${alias}.${column}`) ?? [] }
  return (
    byKey(columns.find((column) => facts.uuids.has(column))) ??
    byReference(source, scope, equalities) ??
    byKey(columns[0]) ?? { facts, node, by: 'table' }
  )
}

function byReference(source: Source, scope: Scope, equalities: Equality[]): SourceRead | undefined {
  const { facts, node } = source
  const referring = scope.isPlain ? referringColumn(source, scope, equalities) : undefined
  const conditions = referring && filtersOn(source, scope, referring.equality)
  // A write to a visibility column names the rows of the other table that it shows or hides.
  const filters = referring?.isDirect ? conditions?.filter((column) => !facts.visibility.has(column)) : conditions
  if (referring === undefined || filters === undefined) return undefined
  const output = scope.isTop ? outputOf(scope.select, [referring.from, referring.to]) : undefined
  return { facts, node, by: 'reference', output, filters }
}

function equalitiesOf({ select, sources }: Scope): Equality[] {
  const inWhere = conjunctsOf(select.where?.where).map((node) => ({ node, onlyFor: undefined }))
  const inJoins = sources.flatMap(({ join, alias }) => {
    // Any other join keeps rows that its condition does not fit.
    if (join?.on === undefined || !followsReferences(join)) return []
    const onlyFor = join.joinType === 'InnerJoin' ? undefined : alias
    return conjunctsOf(join.on.on).map((node) => ({ node, onlyFor }))
  })
  return [...inWhere, ...inJoins].flatMap(({ node, onlyFor }) => {
    const comparison = comparisonOf(node)
    return comparison === null ? [] : [{ ...comparison, onlyFor }]
  })
}

/** `alias.column` to the values that it can only have. */
type Known = ReadonlyMap<string, readonly unknown[]>

/** Through equalities of two columns too: a = b and b = 1. */
function knownValues(scope: Scope, equalities: readonly Equality[]): Known {
  const known = new Map<string, readonly unknown[]>()
  const learn = (name: string | undefined, values: readonly unknown[] | undefined, { onlyFor }: Equality): boolean => {
    if (name === undefined || values === undefined || known.has(name)) return false
    if (onlyFor !== undefined && !name.startsWith(`${onlyFor}.`)) return false
    known.set(name, values)
    return true
  }
  for (let isNew = true; isNew; ) {
    isNew = false
    for (const equality of equalities) {
      const { left, right, isIn } = equality
      const [a, b] = [resolve(left, scope), resolve(right, scope)]
      isNew = learn(a, b === undefined ? valuesOf(right, isIn) : known.get(b), equality) || isNew
      if (!isIn) isNew = learn(b, a === undefined ? valuesOf(left, false) : known.get(a), equality) || isNew
    }
  }
  return known
}

function valuesOf(node: OperationNode, isIn: boolean): readonly unknown[] | undefined {
  if (!isIn) return isValue(node) ? [node.value] : undefined
  if (node.kind === 'PrimitiveValueListNode') return (node as OperationNode & { values: readonly unknown[] }).values
  if (node.kind !== 'ValueListNode') return undefined
  const { values } = node as OperationNode & { values: readonly OperationNode[] }
  return values.every(isValue) ? values.map((each) => (each as OperationNode & { value: unknown }).value) : undefined
}

/** `alias.column`, where it is clear which table is meant. */
function resolve(node: OperationNode, { sources }: Scope): string | undefined {
  const reference = referenceOf(node)
  const source = reference && sourceOf(reference, sources)
  return source && `${source.alias}.${reference.column}`
}

function sourceOf({ of, column }: Reference, sources: readonly Source[]): Source | undefined {
  const candidates = sources.filter(({ alias, facts }) => (of === undefined ? facts.columns.has(column) : alias === of))
  return candidates.length === 1 ? candidates[0] : undefined
}

function followsReferences({ joinType }: JoinNode): boolean {
  return joinType === 'InnerJoin' || joinType === 'LeftJoin'
}

interface Referring {
  readonly equality: Equality
  /** Both sides, as `alias.column`: the referring column, and the primary key. */
  readonly from: string
  readonly to: string
  /** Whether the reference leads there without a third table. */
  readonly isDirect: boolean
}

/** The column of another table in this FROM that holds this one's primary key, as a foreign key has it. */
function referringColumn({ facts, alias, join }: Source, scope: Scope, equalities: Equality[]): Referring | undefined {
  if (join === undefined || !followsReferences(join) || facts.primaryKey === undefined) return undefined
  const to = `${alias}.${facts.primaryKey}`
  for (const equality of equalities) {
    const sides = [resolve(equality.left, scope), resolve(equality.right, scope)]
    const from = sides.find((side) => side !== to)
    if (equality.isIn || !sides.includes(to) || from === undefined) continue
    const [otherAlias = '', column = ''] = from.split('.')
    const other = scope.sources.find((source) => source.alias === otherAlias)
    const wanted = `${facts.name}.${facts.primaryKey}`
    if (other && refersTo(other.facts, column, wanted)) {
      return { equality, from, to, isDirect: other.facts.references.get(column) === wanted }
    }
  }
  return undefined
}

/** By one foreign key, or by two in a row: a column that references a referencing column. */
function refersTo(facts: TableFacts, column: string, wanted: string): boolean {
  const referenced = facts.references.get(column)
  if (referenced === undefined || referenced === wanted) return referenced === wanted
  const [table = '', next = ''] = referenced.split('.')
  const further = findFacts(table)
  return further !== undefined && further !== facts && refersTo(further, next, wanted)
}

/** The columns that decide which rows there are, and in which order. Undefined where raw SQL may hide one. */
function filtersOn({ alias, facts }: Source, scope: Scope, joined: Equality): string[] | undefined {
  const { where, orderBy, joins = [], selections = [] } = scope.select
  const named = orderBy?.items.every(({ orderBy: by }) => referenceOf(by)?.of !== undefined) ?? true
  const columns = new Set<string>()
  let isHidden = false
  // ORDER BY may name a selection by its alias or its place.
  const ordering = named ? [] : selections
  walkNodes([where, orderBy, ...ordering, ...joins.map(({ on }) => on)].filter(Boolean), (node) => {
    if (node.kind === 'RawNode') {
      const { sqlFragments } = node as OperationNode & { sqlFragments: readonly string[] }
      const words = sqlFragments.flatMap((fragment) => [...factsOfSql(fragment).words])
      isHidden ||= words.some((word) => word === alias || facts.columns.has(word))
    }
    if (node.kind === 'SelectAllNode') for (const column of facts.columns) columns.add(column)
    const reference = referenceOf(node)
    if (reference === undefined) return node !== joined.left && node !== joined.right
    const { of, column } = reference
    if (of === alias || (of === undefined && facts.columns.has(column))) columns.add(column)
    return false
  })
  if (facts.primaryKey !== undefined) columns.delete(facts.primaryKey)
  return isHidden ? undefined : [...columns]
}

/** The result's column that holds one of these (`alias.column`), which are equal to each other. */
function outputOf({ selections = [] }: SelectQueryNode, wanted: readonly string[]): string | undefined {
  for (const { selection } of selections) {
    const { node, alias } = behindAlias(selection)
    const reference = referenceOf(node)
    if (reference?.of === undefined || !wanted.includes(`${reference.of}.${reference.column}`)) continue
    return alias ?? reference.column
  }
  return undefined
}
