import { type Database, rawRead } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import type { QueryWord } from './query-word.ts'

/** Words shorter than this have too few trigrams to tell a slip from another word. */
const shortestCorrected = 4
/** Longer ones are no slips: each trigram is a look into the index, and a thousand letters took 20 s. */
const longestCorrected = 40
/** Unknown words of one prompt that are looked up, longest first: each costs a look into the trigram index. */
const mostCorrected = 8
/** One swap leaves a word of up to six letters fewer trigrams than `%` asks for; a few letters more for repeated ones. */
const longestSwapped = 12
/** pg_trgm's own default for `%`; what passes it must also be near by edit distance. */
const nearest = 20

/**
 * Stands in for words that no passage has: terms alike by trigrams (pg_trgm), and the word itself with two neighbours
 * swapped, which in a short word leaves next to no trigram alike. Of these stay those that are one slip away, or two where
 * the word has eight letters or more (the bounds that Lucene's and Elasticsearch's fuzzy queries have). Words with nothing
 * near are left out.
 */
export async function findNearTerms(
  db: Kysely<Database>,
  unknown: readonly QueryWord[],
  searchConfigs: readonly string[],
): Promise<QueryWord[]> {
  const asked = unknown
    .flatMap((word) => word.lexemes.split('/').map((lexeme) => ({ word, lexeme })))
    .filter(
      ({ lexeme }) =>
        lexeme.length >= shortestCorrected &&
        lexeme.length <= longestCorrected &&
        /^[\p{L}\p{M}\p{N}]+$/u.test(lexeme) &&
        /\p{L}/u.test(lexeme),
    )
    .sort((a, b) => b.lexeme.length - a.lexeme.length)
    .slice(0, mostCorrected)
  if (asked.length === 0) return []
  const lexemes = asked.map(({ lexeme }) => lexeme)
  // The swaps of all words at once, as an array: one by one, the planner takes them for cheap in the trigram index.
  const { rows } = await rawRead(
    ['searchTerms'],
    sql<{ lexeme: string; id: number; near: string; passageCount: number; similarity: number }>`
    with asked as (select unnest(${lexemes}::text[]) as lexeme)
    select asked.lexeme, term.id, term.lexeme as near, term.passage_count, term.similarity
    from asked cross join lateral extropy_near_terms(asked.lexeme, ${nearest}) as term
    union
    select asked.lexeme, term.id, term.lexeme, term.passage_count, similarity(term.lexeme, asked.lexeme)::float8
    from search_term_counts as term
    cross join asked
    where search_config = any(${searchConfigs}::text[]) and term.lexeme = any(${lexemes.flatMap(neighbourSwaps)}::text[])
      and passage_count > 0`,
  ).execute(db)

  return unknown.flatMap((word) => {
    const lexemes = word.lexemes.split('/')
    const slips = rows
      .filter((row) => lexemes.includes(row.lexeme))
      .map((row) => ({ ...row, slips: editDistance(row.lexeme, row.near) }))
      .filter((row) => row.slips <= (row.lexeme.length >= 8 ? 2 : 1))
    const fewest = Math.min(...slips.map((row) => row.slips))
    const best = slips
      .filter((row) => row.slips === fewest)
      .sort((a, b) => b.passageCount - a.passageCount || a.id - b.id)
    const [first] = best
    if (first === undefined) return []
    // The same correction in several languages of the collection is one word.
    const same = best.filter((row) => row.near === first.near)
    return {
      ...word,
      lexemes: first.near,
      insteadOf: word.lexemes,
      termIds: [...new Set(same.map((row) => row.id))],
      passageCount: same.reduce((sum, row) => sum + row.passageCount, 0),
      similarity: first.similarity,
    }
  })
}

/** `asnyc` to `sanyc`, `ansyc`, `async`, `asncy`. */
function neighbourSwaps(lexeme: string): string[] {
  const letters = [...lexeme]
  if (letters.length > longestSwapped) return []
  return letters
    .slice(1)
    .map((letter, at) => [...letters.slice(0, at), letter, letters[at], ...letters.slice(at + 2)].join(''))
}

/** Damerau's: letters left out, put in, changed, or two neighbours swapped. */
function editDistance(a: string, b: string): number {
  const [from, to] = [[...a], [...b]]
  let beforeLast: number[] = []
  let last = to.map((_, column) => column)
  last.push(to.length)
  for (const [row, letter] of from.entries()) {
    const current = [row + 1]
    for (const [column, other] of to.entries()) {
      const changed = (last[column] ?? 0) + (letter === other ? 0 : 1)
      const dropped = Math.min(last[column + 1] ?? 0, current[column] ?? 0) + 1
      const swaps = letter === to[column - 1] && other === from[row - 1]
      const swapped = swaps ? (beforeLast[column - 1] ?? 0) + 1 : Number.POSITIVE_INFINITY
      current.push(Math.min(changed, dropped, swapped))
    }
    beforeLast = last
    last = current
  }
  return last.at(-1) ?? 0
}
