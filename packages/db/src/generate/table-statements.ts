import { privateLevels, publishableLevels } from '../tables/cards.table.ts'
import { patternTypes } from '../tables/patterns.table.ts'
import { platforms } from '../tables/platforms.ts'

/** How many rows of each table there are for a number of cards. */
export function sizesFor(cards: number) {
  const users = Math.max(20, Math.round(cards / 20))
  const contents = Math.max(20, Math.round(cards / 10))
  return {
    users,
    apiKeys: users,
    authors: Math.max(10, Math.round(cards / 20)),
    contents,
    contentAuthors: contents,
    contentChunks: contents,
    patterns: Math.max(10, Math.round(cards / 20)),
    patternContents: Math.max(10, Math.round(cards / 20)),
    researchSessions: Math.max(10, Math.round(cards / 20)),
    cards,
    // Of these pairs of cards about 36 in 100 are both published.
    attributions: Math.round(cards * 0.7),
  }
}

export type Sizes = ReturnType<typeof sizesFor>
export type GeneratedTable = keyof Sizes

/** Numbers that keep the columns apart: see `randomFunctions`. */
const topic = { user: 1, key: 2, author: 3, content: 4, pattern: 5, session: 6, card: 7, attribution: 8, column: 100 }

/**
 * One INSERT per table for the rows from `$1` to `$2`, in an order that the foreign keys allow. Skewed like life: few
 * users write most cards, few cards get most attributions, few words make most titles.
 */
export function tableStatements(sizes: Sizes, until: string, months: number): Record<GeneratedTable, string> {
  const u = (column: number, i = 'i') => `pg_temp.u(${topic.column + column}, ${i})`
  const pick = (values: readonly string[], column: number) =>
    `(array[${values.map((value) => `'${value}'`).join(',')}])[1 + floor(${values.length} * ${u(column)} ^ 1.5)::int]`
  const ago = (column: number) => `pg_temp.ago(${topic.column + column}, i, '${until}', ${months})`
  const word = (column: number) => `pg_temp.word(${topic.column + column}, i)`
  const phrase = (column: number) => `pg_temp.phrase(${topic.column + column}, i)`
  /** Some sentences and one rare word, so that a search can find few rows or many. */
  const prose = (column: number, sentences: number) =>
    [
      ...Array.from({ length: sentences }, (_, n) => `pg_temp.sentence(${topic.column + column}, i * 16 + ${n})`),
      `'term' || floor(5000 * ${u(column + 1)})::int`,
    ].join(" || ' ' || ")
  const rows = 'from generate_series($1::bigint, $2::bigint) as i'

  const cardUser = (i: string) => `pg_temp.id(${topic.user}, floor(${sizes.users} * ${u(0, i)} ^ 2)::bigint)`
  const isPublic = (i: string) => `${u(1, i)} < 0.7`
  const isPublished = (i: string) => `${u(1, i)} < 0.6`
  const source = `floor(${sizes.cards} * ${u(2)} ^ 4)::bigint`
  const target = `floor(${sizes.cards} * ${u(3)})::bigint`

  return {
    users: `
      insert into users (id, username, email, display_name, bio, created_at, updated_at)
      select pg_temp.id(${topic.user}, i), ${word(11)} || '_' || ${word(14)} || '_' || i, 'User.' || i || '@example.org',
             initcap(${word(10)}) || ' ' || initcap(${word(13)}),
             ${phrase(16)} || ' ' || ${phrase(17)}, ${ago(19)}, ${ago(19)} ${rows}`,
    apiKeys: `
      insert into api_keys (id, user_id, name, prefix, key_hash, scopes, is_active, is_revoked, revoked_at, created_at)
      select pg_temp.id(${topic.key}, i), pg_temp.id(${topic.user}, i), 'key ' || i,
             'extro_live_' || left(md5(i::text), 6), sha256(convert_to('extro_live_' || i, 'UTF8')), '{read,write}',
             ${u(20)} < 0.95, ${u(21)} < 0.1, case when ${u(21)} < 0.1 then '${until}'::timestamptz end, ${ago(22)} ${rows}`,
    authors: `
      insert into authors (id, platform, username, display_name, bio, follower_count, authority_score)
      select pg_temp.id(${topic.author}, i), ${pick(platforms, 30)}, ${word(39)} || '_' || ${word(54)} || '_' || i,
             initcap(${phrase(31)}), ${prose(34, 2)},
             (1e6 * ${u(37)} ^ 8)::int, ${u(38)} ${rows}`,
    contents: `
      insert into contents (id, platform, source_url, author, title, body, tags, published_at, content_hash,
                            scraped_at, analyzed_at)
      select pg_temp.id(${topic.content}, i), ${pick(platforms, 40)}, 'https://example.org/' || i, 'author_' || i,
             initcap(${phrase(41)} || ' ' || ${phrase(42)}), ${prose(44, 5)},
             array[${word(47)}], ${ago(50)}, md5(i::text), ${ago(51)},
             case when ${u(52)} < 0.3 then ${ago(51)} end ${rows}`,
    contentAuthors: `
      insert into content_authors (content_id, author_id, position)
      select pg_temp.id(${topic.content}, i),
             pg_temp.id(${topic.author}, floor(${sizes.authors} * ${u(53)} ^ 2)::bigint), 0 ${rows}`,
    contentChunks: `
      insert into content_chunks (content_id, ordinal, text, search_vector, platform, author_ids, published_at, tags)
      select contents.id, 0, body,
             setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', body), 'D'), platform,
             array(select author_id from content_authors where content_id = contents.id), published_at, tags
      ${rows} join contents on contents.id = pg_temp.id(${topic.content}, i)`,
    patterns: `
      insert into patterns (id, author_id, type, description, confidence_score, discovered_at)
      select pg_temp.id(${topic.pattern}, i),
             pg_temp.id(${topic.author}, floor(${sizes.authors} * ${u(60)} ^ 2)::bigint),
             ${pick(patternTypes, 61)}, ${prose(62, 2)},
             ${u(65)}, ${ago(66)} ${rows}`,
    patternContents: `
      insert into pattern_contents (pattern_id, content_id)
      select pg_temp.id(${topic.pattern}, i),
             pg_temp.id(${topic.content}, floor(${sizes.contents} * ${u(67)} ^ 2)::bigint) ${rows}`,
    researchSessions: `
      insert into research_sessions (id, user_id, name, brief, platforms, keywords, status, created_at, finished_at)
      select pg_temp.id(${topic.session}, i),
             pg_temp.id(${topic.user}, floor(${sizes.users} * ${u(70)} ^ 2)::bigint),
             ${phrase(71)}, ${prose(74, 2)}, '{web,rss}',
             array[${word(77)}],
             case when ${u(80)} < 0.05 then 'in_progress' when ${u(80)} < 0.15 then 'failed' else 'completed' end,
             ${ago(81)}, case when ${u(80)} >= 0.05 then '${until}'::timestamptz end ${rows}`,
    cards: `
      insert into cards (id, user_id, title, body, tags, category, privacy_level, content_id, parent_card_id,
                         is_published, published_at, slug, created_at, updated_at, search_vector)
      select card.*, setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', body), 'D')
      from (select pg_temp.id(${topic.card}, i), ${cardUser('i')}, initcap(${phrase(82)} || ' ' || ${phrase(83)}),
             ${prose(85, 2)},
             array[${word(88)}, ${word(91)}],
             ${pick(['research', 'business', 'design', 'craft', 'science', 'letters', 'history', 'music'], 94)},
             case when ${isPublic('i')} then ${pick(publishableLevels.toReversed(), 95)}
                  else ${pick(privateLevels, 95)} end,
             case when ${u(96)} < 0.2 then pg_temp.id(${topic.content}, floor(${sizes.contents} * ${u(97)} ^ 2)::bigint) end,
             case when i > 0 and ${u(98)} < 0.1 then pg_temp.id(${topic.card}, floor(i / 2 * ${u(99)} ^ 3)::bigint) end,
             ${isPublished('i')}, case when ${isPublished('i')} then ${ago(104)} end, 'card-' || i, ${ago(104)}, ${ago(104)}
      ${rows} offset 0) as card (id, user_id, title, body, tags, category, privacy_level, content_id, parent_card_id,
                        is_published, published_at, slug, created_at, updated_at)`,
    attributions: `
      insert into attributions (id, source_card_id, source_user_id, target_card_id, target_user_id, type, context,
                                tokens_transferred, created_at)
      select pg_temp.id(${topic.attribution}, i), pg_temp.id(${topic.card}, source), source_user,
             pg_temp.id(${topic.card}, target), target_user, type, ${phrase(105)} || ' ' || ${phrase(106)},
             case type when 'citation' then 0.1 when 'remix' then 0.5 else 0.05 end, ${ago(108)}
      from (
        select i, source, target, ${cardUser('source')} as source_user, ${cardUser('target')} as target_user,
               ${pick(['citation', 'reply', 'remix'], 109)} as type
        from (select i, ${source} as source, ${target} as target ${rows}) as pair
        where ${isPublished('source')} and ${isPublished('target')}
      ) as attribution
      where source_user <> target_user
      on conflict do nothing`,
  }
}
