import type { Database } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import { spaceWords } from '../language/language.ts'
import { findNearTerms } from './near-terms.ts'

/** How many passages there are, and of what length: what BM25 measures each one against. */
export interface Corpus {
  readonly searchConfigs: readonly string[]
  readonly passageCount: number
  /** Words an average title, and an average passage, has. */
  readonly averageTitleLength: number
  readonly averageBodyLength: number
}

/** A word of the question, as the collection knows it. */
export interface QueryWord {
  /** Its lexeme in each language of the collection, `/` between: a passage has one language, so one of them counts. */
  readonly lexemes: string
  readonly termIds: readonly number[]
  /** Passages that have it, in whatever language. */
  readonly passageCount: number
  /** How often the question says it: long questions repeat what they are about. */
  readonly count: number
  /** Set where no passage has the word and near ones stand in for it. */
  readonly insteadOf?: string
  /** 1 for the word itself; the trigram similarity of what stands in for it. */
  readonly similarity: number
}

export async function readCorpus(db: Kysely<Database>): Promise<Corpus> {
  const rows = await db.selectFrom('searchConfigs').selectAll().where('passageCount', '>', 0).execute()
  const total = (of: (row: (typeof rows)[number]) => number) => rows.reduce((sum, row) => sum + of(row), 0)
  const passageCount = total((row) => row.passageCount)
  return {
    searchConfigs: rows.map((row) => row.searchConfig).sort(),
    passageCount,
    averageTitleLength: total((row) => Number(row.titleLength)) / Math.max(1, passageCount),
    averageBodyLength: total((row) => Number(row.bodyLength)) / Math.max(1, passageCount),
  }
}

/**
 * A text's words, each read in every language of the collection: PostgreSQL numbers a text's words alike in all its
 * configurations, so a position tells which lexemes are one word. Stop words of a language have none in it.
 */
export async function readQueryWords(db: Kysely<Database>, text: string, corpus: Corpus): Promise<QueryWord[]> {
  const { rows } = await sql<{ position: number; lexemes: string; termIds: number[]; passageCount: number }>`
    select occurrence.position, string_agg(distinct occurrence.lexeme, '/' order by occurrence.lexeme) as lexemes,
           coalesce(array_agg(term.id order by term.id) filter (where term.passage_count > 0), '{}') as term_ids,
           coalesce(sum(term.passage_count), 0)::int as passage_count
    from (
      select config.name as search_config, word.lexeme, unnest(word.positions) as position
      from unnest(${corpus.searchConfigs}::text[]) as config (name)
      cross join lateral unnest(to_tsvector(config.name::regconfig, ${spaceWords(text)})) as word
    ) as occurrence
    left join search_terms as term using (search_config, lexeme)
    group by occurrence.position
    order by occurrence.position`.execute(db)

  const words = new Map<string, QueryWord>()
  for (const { lexemes, termIds, passageCount } of rows) {
    const count = (words.get(lexemes)?.count ?? 0) + 1
    words.set(lexemes, { lexemes, termIds, passageCount, count, similarity: 1 })
  }
  const known = [...words.values()].filter((word) => word.passageCount > 0)
  const unknown = [...words.values()].filter((word) => word.passageCount === 0)
  return [...known, ...(await findNearTerms(db, unknown, corpus.searchConfigs))]
}
