import { rawRead } from '@extropy/db'
import { sql } from 'kysely'
import { toUnitLength } from '../embedding/embedder.ts'
import { invalidating } from '../invalidating.ts'
import type { EmbeddingDeps } from './embed-passages.ts'
import { embeddingText } from './embedding-text.ts'
import { storeVectors, type WaitingPassage } from './waiting-passages.ts'

const batchSize = 200

/**
 * Stores vectors that were made before, for those stored passages without any whose text (title and all) `find` knows.
 * Returns how many. The others wait for the embedder.
 */
export async function storeKnownVectors(
  deps: Omit<EmbeddingDeps, 'embedder'>,
  find: (text: string) => Float32Array | undefined,
): Promise<number> {
  const { db, embeddingModel: model } = deps
  let stored = 0
  for (let after = 0; ; ) {
    const { rows } = await rawRead(
      ['contentChunks', 'contents.title'],
      sql<WaitingPassage>`
      select content_chunks.id as chunk_id, title, text
      from content_chunks join contents on contents.id = content_id
      where content_chunks.embedding_model_id is null and content_chunks.id > ${after}
      order by content_chunks.id limit ${batchSize}`,
    ).execute(db)
    const last = rows.at(-1)
    if (last === undefined) return stored
    after = last.chunkId
    const known = rows.flatMap(({ chunkId, title, text }) => {
      const vector = find(embeddingText(title, text))
      return vector === undefined ? [] : [{ chunkId, vector: toUnitLength(vector) }]
    })
    await invalidating(deps, (writer) => storeVectors(writer, model, known))
    stored += known.length
  }
}
