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

/** The result's name of a column. What is inside a jsonb value stays as it was stored. */
export function resultName(column: string): string {
  let name = known.get(column)
  if (name === undefined) {
    name = toCamelCase(column)
    if (known.size < maxKnown) known.set(column, name)
  }
  return name
}

/** Renames what goes to the database; the driver renames what comes back, per column and not per row. */
export class ColumnNames extends CamelCasePlugin {
  override async transformResult({ result }: Parameters<KyselyPlugin['transformResult']>[0]) {
    return result
  }
  protected override snakeCase(name: string): string {
    return toSnakeCase(name)
  }
}
