import { type Database, rawRead } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import { searchText } from '../language/search-text.ts'
import type { QueryWord } from '../search/query-word.ts'
import type { Corpus } from '../search/query-words.ts'

/** For each text the numbers of the question's words that it has: read as passages are, in every language of the collection. */
export async function findWords(
  db: Kysely<Database>,
  texts: readonly string[],
  words: readonly QueryWord[],
  corpus: Corpus,
): Promise<ReadonlySet<QueryWord>[]> {
  const found = texts.map(() => new Set<QueryWord>())
  const termIds = words.flatMap((word) => word.termIds)
  if (texts.length === 0 || termIds.length === 0) return found
  const { rows } = await rawRead(
    ['searchTerms'],
    sql<{ number: number; termId: number }>`
    select distinct said.number::int - 1 as number, known.id as term_id
    from unnest(${texts.map(searchText)}::text[]) with ordinality as said (words, number)
    cross join unnest(${corpus.searchConfigs}::text[]) as config (name)
    cross join lateral unnest(extropy_words(config.name::regconfig, said.words)) as word
    join search_terms as known on known.search_config = config.name and known.lexeme = word.lexeme
    where known.id = any(${termIds}::int[])`,
  ).execute(db)
  for (const { number, termId } of rows) {
    for (const word of words) if (word.termIds.includes(termId)) found[number]?.add(word)
  }
  return found
}
