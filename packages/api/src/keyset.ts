import type { Database } from '@extropy/db'
import type { RawBuilder, SelectQueryBuilder } from 'kysely'
import { z } from 'zod'
import { defineCursor, timestampKey } from './pagination.ts'

/** The order of a list: a sort column and a tie-breaker, both among the columns that its rows have. */
interface Keyset<Sort extends string, Tie extends string> {
  readonly sort: Sort
  readonly tie: Tie
  readonly order: 'asc' | 'desc' | 'desc nulls last'
  readonly cursor: { encode(values: Values): string; decode(cursor: string): Values }
}

type Values = readonly [sort: string | number, tie: string]

/** A row has `cards.publishedAt` as `publishedAt`. */
type Row<Sort extends string, Tie extends string> = Record<NameOf<Sort>, string | number> & Record<NameOf<Tie>, string>
type NameOf<Column extends string> = Column extends `${string}.${infer Name}` ? Name : Column

interface PageInput {
  readonly limit: number
  readonly cursor?: string | undefined
}

/** The rows of a page: those behind the row with these values, or the first ones. */
export interface Place {
  readonly afterSort?: string | number
  readonly afterTie?: string
  readonly rows: number
}

/** Orders a list by a timestamp and an id, newest first by default. `list` is part of its cursors, so no two lists may share one. */
export function defineKeyset<const Sort extends string, const Tie extends string>(
  list: string,
  sort: Sort,
  tie: Tie,
  {
    order = 'desc',
    schemas = [timestampKey, z.uuid()],
  }: {
    readonly order?: Keyset<Sort, Tie>['order']
    readonly schemas?: readonly [z.ZodType<string | number>, z.ZodType<string>]
  } = {},
): Keyset<Sort, Tie> {
  return { sort, tie, order, cursor: defineCursor(list, schemas) }
}

/** One page of a query that has its filters, and no order yet. @throws AppError invalid_cursor */
export function keysetPage<
  Schema,
  Table extends keyof Schema,
  Sort extends string,
  Tie extends string,
  Item extends Row<Sort, Tie>,
>(query: SelectQueryBuilder<Schema, Table, Item>, keyset: Keyset<Sort, Tie>, page: PageInput) {
  return readPage(keyset, page, (place) => fromPlace(query, keyset, place).execute())
}

/** One page of whatever `read` finds at a place of the list. @throws AppError invalid_cursor */
export async function readPage<Sort extends string, Tie extends string, Item extends Row<Sort, Tie>>(
  { sort, tie, cursor: cursors }: Keyset<Sort, Tie>,
  { limit, cursor }: PageInput,
  read: (place: Place) => Promise<Item[]>,
): Promise<{ items: Item[]; nextCursor: string | null }> {
  const [afterSort, afterTie] = cursor === undefined ? [] : cursors.decode(cursor)
  const after = afterSort === undefined || afterTie === undefined ? {} : { afterSort, afterTie }
  // The one row beyond the page tells whether there is a next one.
  const rows = await read({ ...after, rows: limit + 1 })
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  if (rows.length <= limit || last === undefined) return { items, nextCursor: null }
  return { items, nextCursor: cursors.encode([last[nameOf(sort)], last[nameOf(tie)]]) }
}

/** The query in the keyset's order, from a place on. */
export function fromPlace<Schema, Table extends keyof Schema, Item>(
  query: SelectQueryBuilder<Schema, Table, Item>,
  { sort, tie, order }: Keyset<string, string>,
  { afterSort, afterTie, rows }: Omit<Place, 'rows'> & { readonly rows: number | RawBuilder<number> },
): SelectQueryBuilder<Schema, Table, Item> {
  // To the compiler one table stands for all: which columns a list has is checked where its rows are read.
  const [sortColumn, tieColumn] = [sort, tie] as unknown as ['createdAt', 'id']
  const isUp = order === 'asc'
  let ordered = (query as unknown as SelectQueryBuilder<Database, 'cards', Item>)
    .orderBy(sortColumn, (by) => (isUp ? by.asc() : order === 'desc' ? by.desc() : by.desc().nullsLast()))
    .orderBy(tieColumn, isUp ? 'asc' : 'desc')
    .limit(rows)
  if (afterSort !== undefined && afterTie !== undefined) {
    ordered = ordered.where(({ eb, refTuple, tuple }) =>
      eb(refTuple(sortColumn, tieColumn), isUp ? '>' : '<', tuple(afterSort as string, afterTie)),
    )
  }
  return ordered as unknown as typeof query
}

const nameOf = <Column extends string>(column: Column) => column.slice(column.indexOf('.') + 1) as NameOf<Column>
