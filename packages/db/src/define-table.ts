import type { ColumnType } from 'kysely'

/** One column as the catalog knows it, carrying its TypeScript type along. */
export interface Column<Value, HasDefault extends boolean = boolean> {
  /** The type as `format_type` prints it: the drift check compares the two letter by letter. */
  readonly sqlType: string
  readonly nullable: boolean
  readonly hasDefault: HasDefault
  /** The statistics target: with more common values than the server's 100, the planner can tell rare ones. */
  readonly statisticsTarget?: number
  /** Only the type system looks here. */
  readonly '~value'?: Value
}

/** One index, in the words of `pg_get_indexdef`, and the query that it exists for. */
export interface Index {
  /** Method and columns, e.g. `btree (scraped_at DESC, id DESC)`. */
  readonly using: string
  readonly where?: string
  readonly unique?: true
  /** The reader, as `feature.query`: an index that no query uses does not stay. */
  readonly serves: string
}

export interface Table<Columns extends Record<string, Column<unknown>> = Record<string, Column<unknown>>> {
  readonly name: string
  readonly columns: Columns
  /** Constraint name to its `pg_get_constraintdef` text. */
  readonly constraints: Readonly<Record<string, string>>
  readonly indexes: Readonly<Record<string, Index>>
  /** Trigger name to its `pg_get_triggerdef` text, without schema. */
  readonly triggers?: Readonly<Record<string, string>>
  /**
   * Columns that change all the time, and that few answers show. A change of these alone leaves the answers that show
   * only others in their caches: see dependencies/tags.ts.
   */
  readonly churning?: readonly string[]
  /**
   * Columns that decide whether rows which reference this one are shown: a change of them counts as a change of those
   * rows, which are looked up after the commit.
   */
  readonly visibility?: readonly string[]
  /** Tables that triggers on this one write to. */
  readonly maintains?: readonly string[]
  /** Changed by statements that purge nothing: an answer that reads it is not kept. */
  readonly unannounced?: true
  /** The timestamp by which the table is split into months, in UTC: see partitions.ts. */
  readonly partitionedBy?: string
}

/** Declares a table once: its TypeScript type, its catalog entry and the reason for each of its indexes. */
export function defineTable<const Columns extends Record<string, Column<unknown>>>(
  table: Table<Columns> & {
    readonly churning?: readonly (keyof Columns & string)[]
    readonly visibility?: readonly (keyof Columns & string)[]
  },
): Table<Columns> {
  return table
}

/** The Kysely type of a declared table. Columns with a default may be left out of an insert. */
export type TableOf<T extends Table> = {
  [Name in keyof T['columns']]: T['columns'][Name] extends Column<infer Value, infer HasDefault>
    ? HasDefault extends true
      ? ColumnType<Value, Value | undefined, Value>
      : ColumnType<Value, null extends Value ? Value | undefined : Value, Value>
    : never
}

/** A check's text, as the catalog has it: the column is one of these values. */
export const checkIn = (column: string, values: readonly string[]) => `CHECK (${isIn(column, values)})`

/** The condition for use inside another one. */
export const isIn = (column: string, values: readonly string[]) => `(${column} = ANY (${textValues(values)}))`

/** Each element of the array is one of these values. */
export const areIn = (column: string, values: readonly string[]) => `(${column} <@ ${textValues(values)})`

const textValues = (values: readonly string[]) => `ARRAY[${values.map((value) => `'${value}'::text`).join(', ')}]`

const column = <Value>(sqlType: string): Column<Value, false> => ({ sqlType, nullable: false, hasDefault: false })

export const nullable = <Value, HasDefault extends boolean>(
  of: Column<Value, HasDefault>,
): Column<Value | null, HasDefault> => ({ ...of, nullable: true })

export const withDefault = <Value>(of: Column<Value>): Column<Value, true> => ({ ...of, hasDefault: true })

export const withStatistics = <Value, HasDefault extends boolean>(
  statisticsTarget: number,
  of: Column<Value, HasDefault>,
): Column<Value, HasDefault> => ({ ...of, statisticsTarget })

export const uuid = () => column<string>('uuid')
export const text = <Value extends string = string>() => column<Value>('text')
export const textArray = <Value extends string = string>() => column<Value[]>('text[]')
export const uuidArray = () => column<string[]>('uuid[]')
export const smallint = () => column<number>('smallint')
/** A string: it may hold more than a JavaScript number can. */
export const bigint = () => column<string>('bigint')
export const boolean = () => column<boolean>('boolean')
export const bytea = () => column<Uint8Array>('bytea')
/** A token amount, a decimal string with 8 places; never a JavaScript number. */
export const tokens = () => column<string>('numeric(20,8)')
/** A sum of token amounts that only grows. */
export const tokenTotal = () => column<string>('numeric(38,8)')
export const integer = () => column<number>('integer')
export const integerArray = () => column<number[]>('integer[]')
export const doublePrecision = () => column<number>('double precision')
export const jsonb = <Value>() => column<Value>('jsonb')
export const tsvector = () => column<string>('tsvector')
/** UTC, ISO 8601, microseconds kept: a `Date` would cut them and lose rows at a page's edge. */
export const timestamptz = () => column<string>('timestamp with time zone')
/** pgvector's text form, `[0.1,0.2]`; no fixed dimension, so that vectors of several models live in one column. */
export const halfvec = () => column<string>('halfvec')
