import { findFacts, type TableFacts } from './table-facts.ts'
import { anyRow, anything, changedColumn, type Facet, facetsOf, hasOneSpelling, keyed, unknownKey } from './tags.ts'
import type { WritePlan as CompletePlan } from './write-plan.ts'

type WritePlan = Omit<CompletePlan, 'returning'>

/** A write of more rows names its table instead of its rows. */
const maxRowsPerWrite = 1000
const bothFacets: readonly Facet[] = ['', '$']
const oneFacet: readonly Facet[] = ['']

/** A table without churning columns has no readers of them. */
function facetsOfRows({ churning }: TableFacts): readonly Facet[] {
  return churning.size > 0 ? bothFacets : oneFacet
}

/**
 * The tags of a write's changes. `rows` are the key columns of the rows that it inserted, updated (as they are now) or
 * deleted; `isNew` says that the transaction has inserted all of them itself, so that nobody has seen them yet.
 */
export function tagsOfWrite(
  plan: WritePlan,
  rows: readonly (readonly unknown[])[],
  { isNew, cascades }: { readonly isNew: boolean; readonly cascades: boolean },
): string[] {
  const { facts, kind, changed } = plan
  if (rows.length === 0) return []
  if (rows.length > maxRowsPerWrite) return tagsOfAnything(facts.name)
  const mayUpdate = kind === 'update' || changed.size > 0
  const facets = kind === 'update' && !isNew ? writtenFacets(facts, changed) : facetsOfRows(facts)
  const tags = new Set<string>()
  for (const facet of facets) {
    tags.add(anyRow(facts.name, facet))
    for (const [at, column] of facts.keys.entries()) {
      for (const row of rows) addKey(tags, plan, facet, column, row[at])
    }
  }
  if (mayUpdate && !isNew) for (const column of changed) tags.add(changedColumn(facts.name, column))
  for (const table of facts.maintains) for (const tag of tagsOfAnything(table)) tags.add(tag)
  if (kind === 'delete' && cascades) addCascades(tags, facts, rows)
  return [...tags]
}

/** The present value; and the earlier one, where it may have been another. */
function addKey(tags: Set<string>, plan: WritePlan, facet: Facet, column: string, value: unknown): void {
  const { facts, changed, before } = plan
  if (value === undefined) tags.add(unknownKey(facts.name, facet, column))
  else if (value !== null) tags.add(keyed(facts, facet, column, value))
  if (!changed.has(column)) return
  if (before.has(column) && hasOneSpelling(facts, column, before.get(column)))
    tags.add(keyed(facts, facet, column, before.get(column)))
  else tags.add(unknownKey(facts.name, facet, column))
}

function writtenFacets(facts: TableFacts, changed: ReadonlySet<string>): readonly Facet[] {
  const movesRow = facts.primaryKey !== undefined && changed.has(facts.primaryKey)
  return movesRow ? facetsOfRows(facts) : facetsOf(facts, changed)
}

/** Rows of other tables that were deleted with these, or lost their reference to them; and so on from those. */
function addCascades(tags: Set<string>, facts: TableFacts, rows: readonly (readonly unknown[])[]): void {
  const primaryAt = facts.keys.indexOf(facts.primaryKey ?? '')
  for (const { table, column } of facts.cascades) {
    const other = findFacts(table)
    if (other === undefined) continue
    const isLast = other.cascades.length === 0 && other.maintains.length === 0 && other.keys.includes(column)
    if (primaryAt === -1 || !isLast) {
      for (const tag of tagsOfAnything(table)) tags.add(tag)
      continue
    }
    for (const facet of facetsOfRows(other)) {
      tags.add(anyRow(table, facet))
      for (const row of rows) tags.add(keyed(other, facet, column, row[primaryAt]))
      for (const key of other.keys) if (key !== column) tags.add(unknownKey(table, facet, key))
    }
    for (const each of other.columns) tags.add(changedColumn(table, each))
  }
}

/** Rows that look different through another table, though nothing in them has changed. */
export function tagsOfShown(facts: TableFacts, rows: readonly (readonly unknown[])[]): string[] {
  const keys = facts.keys.map((column) => [column, rows.map((row) => row[facts.keys.indexOf(column)])] as const)
  if (rows.length === 0) return []
  if (rows.length > maxRowsPerWrite) return tagsOfAnything(facts.name)
  const tags = new Set<string>([...facts.columns].map((column) => changedColumn(facts.name, column)))
  for (const facet of facetsOfRows(facts)) {
    tags.add(anyRow(facts.name, facet))
    for (const [column, values] of keys) {
      for (const value of values) if (value !== null) tags.add(keyed(facts, facet, column, value))
    }
  }
  return [...tags]
}

/** All that was ever read from the table, from those that its triggers fill, and from those that lose rows with it. */
export function tagsOfAnything(table: string, seen: Set<string> = new Set()): string[] {
  if (seen.has(table)) return []
  seen.add(table)
  const facts = findFacts(table)
  const others = facts === undefined ? [] : [...facts.maintains, ...facts.cascades.map((cascade) => cascade.table)]
  return [anything(table), ...others.flatMap((other) => tagsOfAnything(other, seen))]
}
