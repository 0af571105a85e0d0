import { type Database, rawRead } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import { analysisVersion } from '../analysis/analyse-text.ts'
import { mostCharacters } from '../analysis/read-text.ts'
import type { KeyedContent } from './analyst-tasks.ts'
import type { PatternAnalysis } from './habits.ts'
import type { GivenContent } from './profile.ts'

/** Of one author more are not compared at once: the newest are. */
const mostContents = 5000

export interface ContentRow {
  readonly id: string
  readonly key: string
  readonly analysis: PatternAnalysis | null
}

/** What the key of a profile is made of: the text, and the vector that the configured model gave it. */
const keyOf = (modelId: number) => sql`
  contents.content_hash || case when contents.embedding_model_id = ${sql.lit(modelId)} and contents.embedding is not null
                                then ${sql.lit(`/${modelId}`)} else '' end`
const currentAnalysis = sql`case when contents.analysis_version = ${sql.lit(analysisVersion)} 
  then jsonb_build_object('themes', contents.analysis->'themes', 'hooks', contents.analysis->'hooks',
                          'frameworks', contents.analysis->'frameworks') end`

/** The author's contents, without their texts. */
export async function readAuthorContents(
  db: Kysely<Database>,
  modelId: number,
  authorId: string,
): Promise<ContentRow[]> {
  const { rows } = await rawRead(
    ['contents', 'contentAuthors'],
    sql<ContentRow>`
    select contents.id, ${keyOf(modelId)} as key, ${currentAnalysis} as analysis
    from content_authors join contents on contents.id = content_id
    where author_id = ${authorId}::uuid
    order by contents.scraped_at desc limit ${mostContents}`,
  ).execute(db)
  return rows
}

export async function readContents(
  db: Kysely<Database>,
  modelId: number,
  ids: readonly string[],
): Promise<ContentRow[]> {
  const { rows } = await rawRead(
    ['contents'],
    sql<ContentRow>`
    select contents.id, ${keyOf(modelId)} as key, ${currentAnalysis} as analysis
    from contents where id = any(${ids}::uuid[])`,
  ).execute(db)
  return rows
}

/** The texts, as far as they are read, and vectors of contents. */
export async function readTexts(
  db: Kysely<Database>,
  modelId: number,
  ids: readonly string[],
): Promise<Map<string, GivenContent>> {
  const { rows } = await rawRead(
    ['contents'],
    sql<GivenContent>`
    select id, platform, title, left(body, ${sql.lit(mostCharacters + 1)}) as body, language, coalesce(published_at, scraped_at) as at,
           case when embedding_model_id = ${sql.lit(modelId)} then embedding::text end as embedding
    from contents where id = any(${ids}::uuid[])`,
  ).execute(db)
  return new Map(rows.map((row) => [row.id, row]))
}

export const toKeyed = ({ id, key, analysis }: ContentRow): KeyedContent => ({
  id,
  key: `${id} ${key}`,
  analysis: analysis ?? undefined,
})
