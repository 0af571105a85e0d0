import { sql } from 'kysely'
import { searchText, searchTextVersion } from '../language/search-text.ts'
import type { Reread } from './reread-part.ts'

/** A changed passage's vector goes into its index once more, at some 2 ms: the others wait for a fifth of a second. */
const batchSize = 100

/** Passages keep their language, their vectors and their cut: only their words are read anew. */
export const rereadPassages: Reread = {
  part: 'passages',
  version: searchTextVersion,
  async next(trx, after) {
    const rows = await trx
      .selectFrom('contentChunks')
      .innerJoin('contents', 'contents.id', 'contentChunks.contentId')
      .select(['contentChunks.id', 'contentChunks.text', 'contents.title'])
      .where('contentChunks.id', '>', Number(after))
      .orderBy('contentChunks.id')
      .limit(batchSize)
      .execute()
    await sql`
      with passage as materialized (
        select given.id, setweight(extropy_words(search_config::regconfig, title), 'A')
                           || setweight(extropy_words(search_config::regconfig, words), 'D') as search_vector
        from unnest(${rows.map(({ id }) => id)}::int[], ${rows.map(({ title }) => searchText(title))}::text[],
                    ${rows.map(({ text }) => searchText(text))}::text[]) as given (id, title, words)
        join content_chunks on content_chunks.id = given.id
      )
      update content_chunks set search_vector = passage.search_vector
      from passage where passage.id = content_chunks.id and content_chunks.search_vector <> passage.search_vector`.execute(
      trx,
    )
    return rows.at(-1)?.id.toString()
  },
}
