import { CamelCasePlugin, type KyselyPlugin } from 'kysely'

/** `displayName` to `display_name`: the one place where the two ways of writing names meet. */
export function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

export function toCamelCase(name: string): string {
  return name.replace(/_([a-z\d])/g, (_, letter: string) => letter.toUpperCase())
}

/** Bounded: names made up in a query could grow without end. */
const maxKnown = 10_000
const known = new Map<string, string>()

/** The result's name of a column. Keys inside a jsonb value stay as they were stored. */
export function resultName(column: string): string {
  let name = known.get(column)
  if (name === undefined) {
    name = toCamelCase(column)
    if (known.size < maxKnown) known.set(column, name)
  }
  return name
}

/** Renames identifiers on their way to the database; the driver renames the result's columns, once and not per row. */
export class ColumnNames extends CamelCasePlugin {
  override async transformResult({ result }: Parameters<KyselyPlugin['transformResult']>[0]) {
    return result
  }
  protected override snakeCase(name: string): string {
    return toSnakeCase(name)
  }
}
