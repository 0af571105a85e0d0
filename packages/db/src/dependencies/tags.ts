import type { TableFacts } from './table-facts.ts'

/*
 * Tags name in the same words the dependencies of an answer and the changes of a write. A reader carries the tags of the rows
 * it read; a write names the tags of the rows it changed; where the two share a tag, the answer may now be another.
 *
 *   cards*                anything at all may have changed in the table
 *   cards                 some row came, went or changed
 *   cards.user_id=7f…     a row with this value did: the old row had it or the new one has
 *   cards.user_id         a row did of which it is not known which value it had
 *   cards~is_published    this column changed in some row
 *
 * A table's churning columns have tags of their own, marked with a dollar sign (`users$`, `users$.id=7f…`): a reader of
 * none of them carries no such tag, and a write that changes only them names no other.
 */

export type Facet = '' | '$'

export const anything = (table: string): string => `${table}*`
export const anyRow = (table: string, facet: Facet): string => `${table}${facet}`
export const unknownKey = (table: string, facet: Facet, column: string): string => `${table}${facet}.${column}`
export const changedColumn = (table: string, column: string): string => `${table}~${column}`

export function keyed(facts: TableFacts, facet: Facet, column: string, value: unknown): string {
  const text = facts.uuids.has(column) ? String(value).toLowerCase() : String(value)
  return `${facts.name}${facet}.${column}=${text}`
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** PostgreSQL takes 'yes' for true, '01' for 1 and a uuid in braces; its own answers, which tags are made of, it spells one way. */
export function hasOneSpelling({ uuids, texts }: TableFacts, column: string, value: unknown): boolean {
  if (value === null) return true
  if (texts.has(column)) return typeof value === 'string'
  if (uuids.has(column)) return typeof value === 'string' && uuid.test(value)
  return typeof value === 'boolean' || Number.isInteger(value)
}

/** The worlds that these columns belong to; no columns: the rows' being there, which is not churning. */
export function facetsOf({ churning }: TableFacts, columns: Iterable<string>): Facet[] {
  let rest = false
  let churns = false
  for (const column of columns) {
    if (churning.has(column)) churns = true
    else rest = true
  }
  return churns ? (rest ? ['', '$'] : ['$']) : ['']
}
