import { tableNames } from './table-facts.ts'

/** The facts that a piece of SQL text inside a query shows. It is read word by word, not understood: a name that occurs counts. */
export interface RawFacts {
  readonly words: ReadonlySet<string>
  readonly tables: readonly string[]
  /** A star that is neither `count(*)` nor a product: every column may be read. */
  readonly readsAllColumns: boolean
  /** Arguments that a function is given alone, as in `to_jsonb(card)`: where one is a table or its alias, whole rows are read. */
  readonly soleArguments: readonly string[]
  /** It reads or writes tables by itself, and must declare them: see `rawRead`. */
  readonly needsDeclaration: boolean
  /** A dependency that no tag can stand for: the time, chance, the catalog. */
  readonly unknown: string | undefined
}

/** Functions of the database that look at a table, or write to one. A test holds the list to the functions that are there. */
export const functionsOnTables: ReadonlySet<string> = new Set([
  'extropy_move',
  'extropy_move_once',
  'extropy_move_together',
  'extropy_near_terms',
  'extropy_settle_limits',
  'search_index_count',
])

const known = new Map<string, RawFacts>()
const maxKnown = 1000

/** Remembered by text: queries bring the same fragments again and again. */
export function factsOfSql(text: string): RawFacts {
  let facts = known.get(text)
  if (facts === undefined) {
    facts = readSql(text)
    if (known.size < maxKnown) known.set(text, facts)
  }
  return facts
}

function readSql(given: string): RawFacts {
  const uncommented = given
    .replace(/--.*$/gm, ' ')
    .replace(/\/\*[\s\S]*?\*\//g, ' ')
    .toLowerCase()
  // A fragment may end inside a literal: then an apparent literal may be SQL, and all of it is read.
  const isWhole = (uncommented.match(/'/g)?.length ?? 0) % 2 === 0
  const text = isWhole ? uncommented.replace(/'(?:[^']|'')*'/g, ' ') : uncommented
  const words = new Set(text.match(/[a-z_][a-z0-9_]*/g))
  return {
    words,
    tables: [...words].filter((word) => tableNames.has(word)),
    readsAllColumns: /(?:^|[,.])\s*\*/.test(text),
    soleArguments: [...text.matchAll(/\w\s*\(\s*(?:distinct\s+)?"?(\w+)"?\s*\)/g)].map(([, name = '']) => name),
    needsDeclaration: [...words].some((word) => statement.test(word) || functionsOnTables.has(word)),
    unknown: unknownIn(words),
  }
}

const statement = /^(select|table|insert|update|delete|merge|truncate|copy|call|do|execute)$/

/** Functions and names of the catalog that change no row, and tell nothing that could change. */
const harmless = /^pg_(advisory_\w+|notify|sleep|catalog)$/
const changing =
  /^(now|random|gen_random_uuid|nextval|clock_timestamp|statement_timestamp|transaction_timestamp|current_timestamp|current_date|current_time|localtimestamp|localtime|information_schema)$/

export function unknownIn(words: Iterable<string>): string | undefined {
  for (const word of words) {
    if (changing.test(word) || (word.startsWith('pg_') && !harmless.test(word))) return word
  }
  return undefined
}
