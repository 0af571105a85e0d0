import { CamelCasePlugin, type KyselyPlugin } from 'kysely'
import type pg from 'pg'

/** Renames what goes to the database; what comes back is renamed below, per column and not per row. */
export class ColumnNames extends CamelCasePlugin {
  readonly #known = new Map<string, string>()

  override async transformResult({ result }: Parameters<KyselyPlugin['transformResult']>[0]) {
    return result
  }

  /** `display_name` to `displayName`. What is inside a jsonb value stays as it was stored. */
  toCamelCase(column: string): string {
    let name = this.#known.get(column)
    if (name === undefined) {
      name = this.camelCase(column)
      // Bounded: names made up in a query could grow without end.
      if (this.#known.size < 10_000) this.#known.set(column, name)
    }
    return name
  }
}

export function toRows(result: pg.QueryArrayResult, names: ColumnNames): Record<string, unknown>[] {
  const columns = result.fields.map(({ name }) => names.toCamelCase(name))
  const { length } = columns
  return result.rows.map((values) => {
    const row: Record<string, unknown> = {}
    for (let at = 0; at < length; at++) row[columns[at] as string] = values[at]
    return row
  })
}

/** The result as if it had that many columns less, and what stood in those, row by row. */
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
