import type { Database } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import { spaceWords } from '../language/language.ts'
import { findNearTerms } from './near-terms.ts'
import type { QueryWord } from './query-word.ts'

/** How many passages there are, and of what length: what BM25 measures each one against. */
export interface Corpus {
  readonly searchConfigs: readonly string[]
  readonly passageCount: number
  /** Words an average title, and an average passage, has. */
  readonly averageTitleLength: number
  readonly averageBodyLength: number
}

export async function readCorpus(db: Kysely<Database>): Promise<Corpus> {
  const { rows } = await sql<Corpus>`select * from (${totals}) as corpus`.execute(db)
  return rows[0] as Corpus
}

export interface Question {
  readonly corpus: Corpus
  readonly words: readonly QueryWord[]
}

/**
 * The collection, and a text's words, each read in every language of it: PostgreSQL numbers a text's words alike in all its
 * configurations, so a position tells which lexemes are one word. Stop words of a language have none in it.
 */
export async function readQuestion(db: Kysely<Database>, text: string): Promise<Question> {
  const { rows } = await sql<Corpus & (Occurrence | Record<keyof Occurrence, null>)>`
    select corpus.*, word.*
    from (${totals}) as corpus
    left join lateral (
      select occurrence.position, string_agg(distinct occurrence.lexeme, '/' order by occurrence.lexeme) as lexemes,
             coalesce(array_agg(term.id order by term.id) filter (where term.passage_count > 0), '{}') as term_ids,
             coalesce(sum(term.passage_count), 0)::int as found_in
      from (
        select config.name as search_config, word.lexeme, unnest(word.positions) as position
        from unnest(corpus.search_configs) as config (name)
        cross join lateral unnest(to_tsvector(config.name::regconfig, ${spaceWords(text)})) as word
      ) as occurrence
      left join search_terms as term using (search_config, lexeme)
      group by occurrence.position
    ) as word on true
    order by word.position`.execute(db)

  const corpus = rows[0] as Corpus
  const words = new Map<string, QueryWord>()
  for (const { lexemes, termIds, foundIn } of rows) {
    if (lexemes === null) continue // The one row of a text without words.
    const count = (words.get(lexemes)?.count ?? 0) + 1
    words.set(lexemes, { lexemes, termIds, passageCount: foundIn, count, similarity: 1 })
  }
  const known = [...words.values()].filter((word) => word.passageCount > 0)
  const unknown = [...words.values()].filter((word) => word.passageCount === 0)
  return { corpus, words: [...known, ...(await findNearTerms(db, unknown, corpus.searchConfigs))] }
}

interface Occurrence {
  readonly lexemes: string
  readonly termIds: readonly number[]
  readonly foundIn: number
}

const totals = sql`
  select coalesce(array_agg(search_config order by search_config), '{}') as search_configs,
         coalesce(sum(passage_count), 0)::int as passage_count,
         coalesce(sum(title_length) / sum(passage_count), 0)::float8 as average_title_length,
         coalesce(sum(body_length) / sum(passage_count), 0)::float8 as average_body_length
  from search_configs where passage_count > 0`
