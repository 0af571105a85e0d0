import type { Platform } from '@extropy/db'
import { type RawBuilder, sql } from 'kysely'
import { escapeLike } from '../escape-like.ts'
import { phraseText } from '../language/search-text.ts'

/** Conditions that keep passages out, whichever leg finds them. */
export interface PassageFilter {
  readonly platform?: Platform | undefined
  /** Any of them; none: from everywhere. */
  readonly platforms?: readonly Platform[] | undefined
  /** A username or display name, whatever its case. */
  readonly author?: string | undefined
  /** Inclusive; a passage without a date is neither after nor before. */
  readonly publishedAfter?: string | undefined
  /** Exclusive. */
  readonly publishedBefore?: string | undefined
  /** The content has all of them. */
  readonly tags?: readonly string[] | undefined
  readonly phrases?: readonly string[] | undefined
  readonly excluded?: readonly string[] | undefined
  readonly exceptContentId?: string | undefined
}

/**
 * The one place where a filter becomes SQL: a condition on `content_chunks`, whose row has all that it asks for;
 * undefined where nothing is kept out. A phrase is read in the language of each passage, so the configurations in use
 * are named one by one, and each can use the full-text index.
 */
export function passageCondition(
  filter: PassageFilter,
  searchConfigs: readonly string[],
): RawBuilder<boolean> | undefined {
  const {
    platform,
    platforms = [],
    author,
    publishedAfter,
    publishedBefore,
    tags,
    phrases = [],
    excluded = [],
  } = filter
  const conditions: RawBuilder<boolean>[] = []
  if (platform !== undefined) conditions.push(sql`content_chunks.platform = ${platform}`)
  if (platforms.length > 0) conditions.push(sql`content_chunks.platform = any(${platforms}::text[])`)
  if (author !== undefined) {
    const name = escapeLike(author)
    conditions.push(
      sql`author_ids && array(select id from authors where username ilike ${name} or display_name ilike ${name})`,
    )
  }
  if (publishedAfter !== undefined) conditions.push(sql`content_chunks.published_at >= ${publishedAfter}::timestamptz`)
  if (publishedBefore !== undefined) conditions.push(sql`content_chunks.published_at < ${publishedBefore}::timestamptz`)
  if (tags !== undefined && tags.length > 0) conditions.push(sql`content_chunks.tags @> ${tags}::text[]`)
  for (const phrase of phrases) conditions.push(mayHavePhrase(phrase, searchConfigs))
  for (const phrase of excluded) conditions.push(sql`not ${hasPhrase(phrase, searchConfigs)}`)
  if (filter.exceptContentId !== undefined) conditions.push(sql`content_id <> ${filter.exceptContentId}::uuid`)
  return conditions.length === 0 ? undefined : sql`(${sql.join(conditions, sql` and `)})`
}

/** A phrase of stop words alone asks for nothing in a language that has them. */
function mayHavePhrase(phrase: string, searchConfigs: readonly string[]): RawBuilder<boolean> {
  return inAnyConfig(searchConfigs, (config) => {
    const query = phraseQuery(config, phrase)
    return sql`(numnode(${query}) = 0 or search_vector @@ ${query})`
  })
}

/** Also false for a phrase of stop words alone, so that its opposite keeps nothing out. */
function hasPhrase(phrase: string, searchConfigs: readonly string[]): RawBuilder<boolean> {
  return inAnyConfig(searchConfigs, (config) => sql`search_vector @@ ${phraseQuery(config, phrase)}`)
}

function phraseQuery(config: string, phrase: string): RawBuilder<string> {
  return sql`extropy_phrase(${sql.lit(config)}::regconfig, ${phraseText(phrase)})`
}

function inAnyConfig(
  searchConfigs: readonly string[],
  condition: (config: string) => RawBuilder<boolean>,
): RawBuilder<boolean> {
  const inConfig = searchConfigs.map((config) => sql`(search_config = ${config} and ${condition(config)})`)
  return inConfig.length === 0 ? sql`false` : sql`(${sql.join(inConfig, sql` or `)})`
}
