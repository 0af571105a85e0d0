import { type Database, rawWrite } from '@extropy/db'
import { sql, type Transaction } from 'kysely'
import { searchConfigOf } from '../language/language.ts'
import { searchText } from '../language/search-text.ts'

/** A content as its passages need it: they have its filters, and are found by its title too. */
interface PassagesOf {
  readonly contentId: string
  readonly title: string
  readonly language: string | null
  readonly platform: string
  readonly publishedAt: string | null
  readonly tags: readonly string[]
  /** The author named first is the first. */
  readonly authorIds: readonly string[]
  readonly passages: readonly { readonly ordinal: number; readonly text: string }[]
}

/** Writes passages with the words by which they are found. */
export async function insertPassages(trx: Transaction<Database>, contents: readonly PassagesOf[]): Promise<void> {
  const passages = contents.flatMap(({ passages }, place) => passages.map((passage) => ({ place, ...passage })))
  await rawWrite(
    ['contentChunks'],
    sql`
    with content as materialized (
      select place - 1 as place, id, config::regconfig, setweight(extropy_words(config::regconfig, title), 'A') as title,
             platform, published_at, array(select jsonb_array_elements_text(author_ids))::uuid[] as author_ids,
             array(select jsonb_array_elements_text(tags)) as tags
      from unnest(${contents.map(({ contentId }) => contentId)}::uuid[],
                  ${contents.map(({ language }) => searchConfigOf(language))}::text[],
                  ${contents.map(({ title }) => searchText(title))}::text[],
                  ${contents.map(({ platform }) => platform)}::text[],
                  ${contents.map(({ publishedAt }) => publishedAt)}::timestamptz[],
                  ${contents.map(({ authorIds }) => JSON.stringify(authorIds))}::jsonb[],
                  ${contents.map(({ tags }) => JSON.stringify(tags))}::jsonb[])
        with ordinality as content (id, config, title, platform, published_at, author_ids, tags, place)
    )
    insert into content_chunks (content_id, ordinal, text, search_vector, search_config, platform, author_ids,
                                published_at, tags)
    select content.id, passage.ordinal, passage.text,
           content.title || setweight(extropy_words(content.config, passage.words), 'D'), content.config,
           content.platform, content.author_ids, content.published_at, content.tags
    from unnest(${passages.map(({ place }) => place)}::int[], ${passages.map(({ ordinal }) => ordinal)}::int[],
                ${passages.map(({ text }) => text)}::text[], ${passages.map(({ text }) => searchText(text))}::text[])
      as passage (place, ordinal, text, words)
    join content using (place)
    order by place, ordinal`,
  ).execute(trx)
}
