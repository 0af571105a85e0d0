import type { Database } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import type { QueryWord } from './query-words.ts'

/** Words shorter than this have too few trigrams to tell a slip from another word. */
const shortestCorrected = 4
/** Unknown words of one prompt that are looked up, longest first: each costs a look into the trigram index. */
const mostCorrected = 8
/** pg_trgm's own default for `%`; what passes it must also be near by edit distance. */
const nearest = 20

/**
 * Stands in for words that no passage has: terms alike by trigrams (pg_trgm), of which those stay that are one slip away,
 * or two where the word has eight letters or more (the bounds that Lucene's and Elasticsearch's fuzzy queries have).
 * Words with nothing near are left out.
 */
export async function findNearTerms(db: Kysely<Database>, unknown: readonly QueryWord[]): Promise<QueryWord[]> {
  const asked = unknown
    .flatMap((word) => word.lexemes.split('/').map((lexeme) => ({ word, lexeme })))
    .filter(
      ({ lexeme }) => lexeme.length >= shortestCorrected && /^[\p{L}\p{N}]+$/u.test(lexeme) && /\p{L}/u.test(lexeme),
    )
    .sort((a, b) => b.lexeme.length - a.lexeme.length)
    .slice(0, mostCorrected)
  if (asked.length === 0) return []
  const { rows } = await sql<{ lexeme: string; id: number; near: string; passageCount: number; similarity: number }>`
    select asked.lexeme, term.id, term.lexeme as near, term.passage_count, term.similarity
    from unnest(${asked.map(({ lexeme }) => lexeme)}::text[]) as asked (lexeme)
    cross join lateral (
      select id, lexeme, passage_count, similarity(search_terms.lexeme, asked.lexeme)::float8 as similarity
      from search_terms
      where search_terms.lexeme % asked.lexeme and passage_count > 0
      order by similarity desc, passage_count desc, id
      limit ${nearest}
    ) as term`.execute(db)

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
