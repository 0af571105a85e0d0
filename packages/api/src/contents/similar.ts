import { type Database, rawRead } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import type { z } from 'zod'
import type { Deps } from '../context.ts'
import { AppError } from '../errors.ts'
import { passageCondition } from '../search/passage-filter.ts'
import type { QueryWord } from '../search/query-word.ts'
import { type Corpus, readCorpus } from '../search/query-words.ts'
import { search } from '../search/search.ts'
import type { SimilarAnswer, SimilarQuery } from './contents.schema.ts'

/** The default of Lucene's MoreLikeThis. */
const mostWords = 25

/**
 * The contents nearest to one: by its own vector and by the words that tell it from others, as a search would, itself left out.
 *
 * @throws AppError not_found
 */
export async function findSimilar(
  { db, embedder, embeddingModel: model }: Deps,
  { id, limit }: z.output<typeof SimilarQuery>,
): Promise<z.input<typeof SimilarAnswer>> {
  const content = await db
    .selectFrom('contents')
    .select(['embedding', 'embeddingModelId'])
    .where('id', '=', id)
    .executeTakeFirst()
  if (content === undefined) {
    throw new AppError('not_found', `There is no content with the id ${id}.`, {
      issues: [{ field: 'id', message: 'no such content' }],
    })
  }
  const corpus = await readCorpus(db)
  const { results } = await search(db, {
    words: await tellingWords(db, id, corpus),
    unknown: [],
    corpus,
    embedded:
      content.embedding === null || content.embeddingModelId !== model.id
        ? undefined
        : { model, vector: Float32Array.from(JSON.parse(content.embedding) as number[]) },
    vectorWeight: embedder.vectorWeight,
    condition: passageCondition({ exceptContentId: id }, corpus.searchConfigs),
    leavesMost: true,
    nResults: limit,
    groupBy: 'content',
  })
  return {
    items: results.map(({ content: other, passage, fusedScore, why }) => ({ ...other, passage, fusedScore, why })),
  }
}

/** The content's words with the highest tf · idf. Those that no other passage has find nothing, and are left out. */
async function tellingWords(db: Kysely<Database>, contentId: string, corpus: Corpus): Promise<QueryWord[]> {
  const { rows } = await rawRead(
    ['contentChunks', 'searchTerms'],
    sql<{ id: number; lexeme: string; passageCount: number }>`
    select term.id, term.lexeme, term.passage_count
    from content_chunks as chunk
    cross join lateral unnest(chunk.search_vector) as word
    join search_term_counts as term on term.search_config = chunk.search_config and term.lexeme = word.lexeme
    where chunk.content_id = ${contentId}::uuid
    group by term.id, term.lexeme, term.passage_count
    having term.passage_count > count(*)
    order by sum(cardinality(word.positions))
             * ln(1 + (${corpus.passageCount}::float8 - term.passage_count + 0.5) / (term.passage_count + 0.5)) desc, term.id
    limit ${mostWords}`,
  ).execute(db)
  return rows.map(({ id, lexeme, passageCount }) => ({
    lexemes: lexeme,
    termIds: [id],
    passageCount,
    count: 1,
    similarity: 1,
  }))
}
