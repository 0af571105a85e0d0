import { tableNames } from './table-facts.ts'

/** What a piece of SQL text says of itself. It is read word by word, not understood: a name that occurs counts. */
export interface RawFacts {
  readonly words: ReadonlySet<string>
  readonly tables: readonly string[]
  readonly writes: boolean
  /** `select *`: every column may be read. */
  readonly readsAllColumns: boolean
  /** What a function is given alone, as in `to_jsonb(card)`: where that is a table or its alias, whole rows are read. */
  readonly soleArguments: readonly string[]
  /** Other names that tables have here. */
  readonly aliases: readonly string[]
  /** What no tag can stand for: the time, chance, the catalog. */
  readonly unknown: string | undefined
}

/**
 * Functions of the database that write, and where: what calls one of them writes there, unless it says more exactly what
 * it touches. A test compares this list with the functions that are there.
 */
export const writingFunctions: Readonly<Record<string, readonly string[]>> = {
  extropy_move: ['users', 'extropy_ledger', 'extropy_ledger_keys'],
  extropy_move_once: ['users', 'extropy_ledger', 'extropy_ledger_keys', 'money_requests', 'audit_log'],
  extropy_move_together: ['users', 'extropy_ledger', 'extropy_ledger_keys', 'money_requests', 'audit_log'],
}

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
  // A fragment may end inside a literal: then what looks like one may be SQL, and all of it is read.
  const isWhole = (uncommented.match(/'/g)?.length ?? 0) % 2 === 0
  const text = isWhole ? uncommented.replace(/'(?:[^']|'')*'/g, ' ') : uncommented
  const words = new Set(text.match(/[a-z_][a-z0-9_]*/g))
  const called = Object.keys(writingFunctions).filter((name) => words.has(name))
  const withoutLocks = text.replace(/\bfor (no key )?update\b/g, ' ')
  const writes = called.length > 0 || /\b(insert|update|delete|merge|truncate)\b/.test(withoutLocks)
  return {
    words,
    tables: [...new Set([...words].filter((word) => tableNames.has(word)).concat(called.flatMap(writtenBy)))],
    writes,
    readsAllColumns: readsAllColumns(text),
    soleArguments: [...text.matchAll(/\w\s*\(\s*(?:distinct\s+)?"?(\w+)"?\s*\)/g)].map(([, name = '']) => name),
    aliases: aliasesIn(text),
    unknown: unknownIn(words),
  }
}

/** A star that is neither `count(*)` nor a product: `select *`, `c.*`, and one that begins a fragment. */
function readsAllColumns(text: string): boolean {
  const counted = text.replace(/\(\s*\*\s*\)/g, ' ')
  return /(?:^|[,.]|\b(?:select|distinct|all|returning)|\bon\s*\([^)]*\))\s*\*/.test(counted)
}

function aliasesIn(text: string): string[] {
  return [...text.matchAll(/\b(\w+)"?(?=\s+(?:as\s+)?"?(\w+))/g)].flatMap(([, table = '', alias = '']) =>
    tableNames.has(table) ? [alias] : [],
  )
}

const writtenBy = (name: string): readonly string[] => writingFunctions[name] ?? []

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
