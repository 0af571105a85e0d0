import { type Database, rawRead } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import { searchText } from '../language/search-text.ts'
import { type QueryWord, wordWeight } from '../search/query-word.ts'
import type { Corpus } from '../search/query-words.ts'
import type { SearchResult } from '../search/search.ts'
import type { CitedSentence } from './citations.ts'

/** Sentences of an extracted answer, at most. */
const mostSentences = 3
/** A heading is too short to answer, a table too long to read. */
const [shortest, longest] = [25, 500]
const sentences = new Intl.Segmenter('en', { granularity: 'sentence' })

/**
 * The passages' own sentences that have most of the question's weight, each worth what its words are worth times its passage's
 * score; in the order of the passages. Verbatim, so each cites the passage that it stands in.
 */
export async function extractSentences(
  db: Kysely<Database>,
  passages: readonly SearchResult[],
  words: readonly QueryWord[],
  corpus: Corpus,
): Promise<CitedSentence[]> {
  const candidates = passages.flatMap(({ passage, fusedScore }) =>
    [...sentences.segment(passage.text)]
      .map(({ segment }) => segment.replace(/\s+/g, ' ').trim())
      .filter((text) => text.length >= shortest && text.length <= longest)
      .map((text) => ({ text, passageId: passage.id, fusedScore })),
  )
  const terms = words.flatMap((word) => word.termIds.map((id) => ({ id, weight: wordWeight(word, corpus) })))
  if (candidates.length === 0 || terms.length === 0) return []
  const { rows } = await rawRead(
    ['searchTerms'],
    sql<{ number: number }>`
    select sentence.number::int - 1 as number
    from unnest(${candidates.map(({ text }) => searchText(text))}::text[],
                ${candidates.map(({ fusedScore }) => fusedScore)}::float8[]) with ordinality as sentence (words, score, number)
    cross join unnest(${corpus.searchConfigs}::text[]) as config (name)
    cross join lateral unnest(extropy_words(config.name::regconfig, sentence.words)) as word
    join search_terms as known on known.search_config = config.name and known.lexeme = word.lexeme
    join unnest(${terms.map(({ id }) => id)}::int[], ${terms.map(({ weight }) => weight)}::float8[]) as term (id, weight)
      on term.id = known.id
    group by sentence.number, sentence.score, config.name
    order by sum(term.weight) * sentence.score desc, sentence.number
    limit ${mostSentences * corpus.searchConfigs.length}`,
  ).execute(db)
  const best = [...new Set(rows.map((row) => row.number))].slice(0, mostSentences).sort((a, b) => a - b)
  return best.flatMap((number) => {
    const candidate = candidates[number]
    return candidate ? { text: candidate.text, citations: [candidate.passageId], rejected: [] } : []
  })
}
