import { sql } from 'kysely'

export interface StatementNames {
  /**
   * The name under which connections keep this statement prepared; undefined while it is not hot, or may not be. A
   * statement with a name of its own, `declared`, is hot from the start.
   */
  nameOf(text: string, declared?: string): string | undefined
  /** Gives the statement another name: the plans prepared under the old one no longer fit the tables. */
  renew(text: string): void
}

export interface StatementNameOptions {
  /** How many statements may have a name; each costs memory in every connection. Default 200. */
  readonly limit?: number
  /** A statement is hot from this time on that it is seen. Default 3: text made up for one call never gets a name. */
  readonly hotAfter?: number
}

/**
 * A prepared statement soon gets one plan for all values, and for these operators the best plan hangs on the value: a
 * rare word wants the index that a common one must avoid.
 */
const valueDecidesThePlan = /@@|@>|&&|<=>| ilike /
const oneForAll = '/* one plan for all values */'

/**
 * Marks a statement that uses one of these operators, but that one plan fits all the same. It stands behind the first word,
 * by which statements are told apart.
 */
export const onePlan = sql.raw(oneForAll)

/**
 * Longer texts are made up for a batch of rows, each for one call. Two thousand of them, remembered to see whether they come
 * again, took 344 MB in an import of 68,000 posts.
 */
const longest = 20_000

const isUnnamed = (text: string) => valueDecidesThePlan.test(text) && !text.includes(oneForAll)

/** Names for hot statements, the first `limit` of them; later ones go to the server as text. */
export function createStatementNames(options: StatementNameOptions = {}): StatementNames {
  const { limit = 200, hotAfter = 3 } = options
  const names = new Map<string, string>()
  const seen = new Map<string, number>()
  let renewed = 0
  return {
    nameOf(text, declared) {
      if (text.length > longest) return undefined
      const name = names.get(text)
      if (name !== undefined || names.size >= limit) return name
      if (declared !== undefined && !isUnnamed(text)) {
        names.set(text, declared)
        return declared
      }
      const times = (seen.get(text) ?? 0) + 1
      if (times < hotAfter || isUnnamed(text)) {
        // Bounded too, and by forgetting: a hot statement is soon counted again.
        if (seen.size >= 10 * limit) seen.clear()
        seen.set(text, times)
        return undefined
      }
      seen.delete(text)
      names.set(text, `extropy_${names.size}`)
      return names.get(text)
    },
    renew(text) {
      const name = names.get(text)
      if (name !== undefined) names.set(text, `${name.replace(/_v\d+$/, '')}_v${++renewed}`)
    },
  }
}
