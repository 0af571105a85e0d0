import type { ReadPlan } from './read-plan.ts'
import type { SourceRead } from './select-sources.ts'
import { anyRow, anything, changedColumn, facetsOf, hasOneSpelling, keyed, unknownKey } from './tags.ts'

export interface ReadContext {
  /** The value itself, where a plan has a placeholder for it. */
  readonly resolve: (value: unknown) => unknown
  /** The values of one of the result's columns; undefined where it is not clear which one that is. */
  readonly resultColumn: (name: string) => readonly unknown[] | undefined
}

/** A million rows by key would be a million tags: from here on it is the table. */
const maxKeysPerRead = 500

/** The tags of everything that a query read: see tags.ts. */
export function tagsOfRead({ reads }: ReadPlan, context: ReadContext): string[] {
  return reads.flatMap((read) => tagsOf(read, read.columns, context))
}

function tagsOf(read: SourceRead, columns: readonly string[], context: ReadContext): string[] {
  const { facts } = read
  const everything = anything(facts.name)
  const facets = facetsOf(facts, columns)
  if (read.by === 'reference' && read.output === undefined) {
    return [everything, ...columns.map((column) => changedColumn(facts.name, column))]
  }
  const column = read.by === 'key' ? read.column : facts.primaryKey
  const values = keysOf(read, context)
  if (values === undefined || column === undefined || values.length > maxKeysPerRead) {
    return [everything, ...facets.map((facet) => anyRow(facts.name, facet))]
  }
  const rows = facets.flatMap((facet) => [
    unknownKey(facts.name, facet, column),
    ...values.map((value) => keyed(facts, facet, column, value)),
  ])
  const filters = read.by === 'reference' ? read.filters.map((filter) => changedColumn(facts.name, filter)) : []
  return [everything, ...rows, ...filters]
}

function keysOf(read: SourceRead, { resolve, resultColumn }: ReadContext): readonly unknown[] | undefined {
  if (read.by === 'key') {
    const values = read.values.map(resolve)
    return values.every((value) => hasOneSpelling(read.facts, read.column, value)) ? values : undefined
  }
  if (read.by === 'table' || read.output === undefined) return undefined
  const shown = resultColumn(read.output)
  return shown && [...new Set(shown.filter((value) => value !== null))]
}
