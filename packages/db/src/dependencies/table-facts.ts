import { toSnakeCase } from '../column-names.ts'
import { tables } from '../database.ts'
import type { Column, Table } from '../define-table.ts'

/** A table as dependencies see it, from its declaration. Names are the database's own. */
export interface TableFacts {
  readonly name: string
  readonly columns: ReadonlySet<string>
  /** See `Table.churning`. */
  readonly churning: ReadonlySet<string>
  /** See `Table.visibility`. */
  readonly visibility: ReadonlySet<string>
  /** See `Table.unannounced`. */
  readonly isUnannounced: boolean
  /** The primary key, where it is one column. */
  readonly primaryKey: string | undefined
  /** Columns by whose value rows are told apart: an equality with one of these narrows a dependency. */
  readonly keys: readonly string[]
  readonly uuids: ReadonlySet<string>
  readonly texts: ReadonlySet<string>
  /** Column to the table whose primary key it holds. */
  readonly references: ReadonlyMap<string, string>
  readonly maintains: readonly string[]
  /** Every column elsewhere that holds this table's primary key. */
  readonly referencedBy: readonly Reference[]
  /** Rows elsewhere that go, or lose a value, with a row of this table. */
  readonly cascades: readonly Reference[]
}

interface Reference {
  readonly table: string
  readonly column: string
}

/** Types whose values have one spelling, give or take the case of a uuid. */
const keyTypes = new Set(['uuid', 'boolean', 'text', 'integer', 'smallint'])
const foreignKey = /^FOREIGN KEY \(([^)]+)\) REFERENCES (\w+)\(([^)]+)\)(.*)$/

interface ForeignKey {
  readonly columns: readonly string[]
  readonly table: string
  readonly referenced: readonly string[]
  readonly changesRows: boolean
}

const facts = new Map(tables.map((table) => [table.name, factsOf(table)]))
export const tableNames: ReadonlySet<string> = new Set(facts.keys())

/** Undefined for tables that are not ours: a CTE, a catalog. */
export function findFacts(name: string): TableFacts | undefined {
  return facts.get(name)
}

function factsOf(table: Table): TableFacts {
  const columns = new Map(Object.entries(table.columns).map(([name, column]) => [toSnakeCase(name), column]))
  const primaryKey = /^PRIMARY KEY \((\w+)\)$/.exec(constraintsOf(table).find(isPrimaryKey) ?? '')?.[1]
  const foreignKeys = foreignKeysOf(table)
  const ofType = (type: string) => [...columns].filter(([, { sqlType }]) => sqlType === type).map(([name]) => name)
  const mentioned = [
    ...constraintsOf(table).filter((text) => !text.startsWith('CHECK')),
    ...Object.values(table.indexes).map(
      ({ using, where = '' }) => `${using.startsWith('btree') ? using : ''} ${where}`,
    ),
  ].join(' ')
  return {
    name: table.name,
    columns: new Set(columns.keys()),
    churning: new Set((table.churning ?? []).map(toSnakeCase)),
    visibility: new Set((table.visibility ?? []).map(toSnakeCase)),
    isUnannounced: table.unannounced === true,
    primaryKey,
    keys: [...columns].filter(([name, column]) => isKey(name, column, mentioned)).map(([name]) => name),
    uuids: new Set(ofType('uuid')),
    texts: new Set(ofType('text')),
    references: new Map(
      foreignKeys.flatMap((key) => key.columns.map((column, at) => [column, `${key.table}.${key.referenced[at]}`])),
    ),
    maintains: table.maintains ?? [],
    referencedBy: tables.flatMap((other) => referencesFrom(table.name, other, () => true)),
    cascades: tables.flatMap((other) => referencesFrom(table.name, other, (key) => key.changesRows)),
  }
}

function isKey(name: string, { sqlType }: Column<unknown>, mentioned: string): boolean {
  return keyTypes.has(sqlType) && new RegExp(`\\b${name}\\b`).test(mentioned)
}

function referencesFrom(name: string, other: Table, counts: (key: ForeignKey) => boolean): Reference[] {
  return foreignKeysOf(other)
    .filter((key) => key.table === name && counts(key))
    .map((key) => ({ table: other.name, column: key.columns[0] as string }))
}

function foreignKeysOf(table: Table): ForeignKey[] {
  return constraintsOf(table).flatMap((text) => {
    const [, columns = '', name = '', referenced = '', rest = ''] = foreignKey.exec(text) ?? []
    const list = (names: string) => names.split(', ')
    return name === ''
      ? []
      : [{ columns: list(columns), table: name, referenced: list(referenced), changesRows: rest.includes('ON DELETE') }]
  })
}

function constraintsOf(table: Table): string[] {
  return Object.values(table.constraints)
}

function isPrimaryKey(text: string): boolean {
  return text.startsWith('PRIMARY KEY')
}
