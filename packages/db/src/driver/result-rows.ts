import type pg from 'pg'
import { resultName } from '../column-names.ts'

export function toRows(result: pg.QueryArrayResult): Record<string, unknown>[] {
  const columns = result.fields.map(({ name }) => resultName(name))
  const { length } = columns
  return result.rows.map((values) => {
    const row: Record<string, unknown> = {}
    for (let at = 0; at < length; at++) row[columns[at] as string] = values[at]
    return row
  })
}

/** The result without that many last columns, and their values, row by row. */
export function withoutLastColumns(
  result: pg.QueryArrayResult,
  count: number,
): [pg.QueryArrayResult, readonly (readonly unknown[])[]] {
  const kept = result.fields.length - count
  const keys = result.rows.map((row) => row.slice(kept))
  // A write without a RETURNING of its own has no rows.
  const rows = kept === 0 ? [] : result.rows
  return [{ ...result, fields: result.fields.slice(0, kept), rows }, keys]
}
