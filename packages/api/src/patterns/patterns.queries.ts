import { type Database, type Platform, rawRead } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import { z } from 'zod'
import { AppError } from '../errors.ts'
import { defineKeyset, keysetPage } from '../keyset.ts'
import type { Evidence } from './pattern.ts'
import type { ListPatterns } from './patterns.schema.ts'

const patternColumns = [
  'id',
  'authorId',
  'type',
  'description',
  'confidenceScore',
  'discoveredAt',
  'method',
  'version',
] as const

const byDiscovery = defineKeyset('patterns.discovered', 'discoveredAt', 'id')
const byConfidence = defineKeyset('patterns.confidence', 'confidenceScore', 'id', {
  // No score is null, but the index says where nulls would go, and the planner wants to hear the same.
  order: 'desc nulls last',
  schemas: [z.number().min(0).max(1), z.uuid()],
})

export async function listPatterns(
  db: Kysely<Database>,
  { sort, authorId, type, ...page }: z.output<typeof ListPatterns>,
) {
  let query = db.selectFrom('patterns').select(patternColumns)
  if (authorId !== undefined) query = query.where('authorId', '=', authorId)
  if (type !== undefined) query = query.where('type', '=', type)
  return sort === 'confidence' ? keysetPage(query, byConfidence, page) : keysetPage(query, byDiscovery, page)
}

/**
 * A pattern with its evidence in the contents that it was seen in.
 *
 * @throws AppError not_found
 */
export async function getPattern(db: Kysely<Database>, id: string) {
  const pattern = await db
    .selectFrom('patterns')
    .select([
      ...patternColumns,
      rawRead(
        ['patternContents'],
        sql<(Omit<Evidence, 'contentId'> & { contentId: string })[]>`(
          select coalesce(jsonb_agg(${wholeEvidence} order by position, content_id), '[]')
          from pattern_contents where pattern_id = patterns.id)`,
      ).as('evidence'),
    ])
    .where('id', '=', id)
    .executeTakeFirst()
  if (pattern === undefined) throw noPattern(id)
  return { ...pattern, contentIds: pattern.evidence.map(({ contentId }) => contentId) }
}

/** Rows that were written before there was evidence have none. */
const wholeEvidence = sql`'{"strength": 0, "quotes": []}'::jsonb || evidence || jsonb_build_object('contentId', content_id)`

/**
 * The contents of a pattern by their age: an idea's life.
 *
 * @throws AppError not_found
 */
export async function getTimeline(db: Kysely<Database>, id: string) {
  const pattern = await db
    .selectFrom('patterns')
    .select(['id', 'type', 'description'])
    .where('id', '=', id)
    .executeTakeFirst()
  if (pattern === undefined) throw noPattern(id)
  const { rows } = await rawRead(
    ['patternContents', 'contents'],
    sql<{ platform: Platform; sourceUrl: string; title: string; publishedAt: string | null; evidence: Evidence }>`
    select platform, source_url, title, published_at, ${wholeEvidence} as evidence
    from pattern_contents join contents on contents.id = content_id
    where pattern_id = ${id}::uuid
    order by coalesce(published_at, scraped_at), position, content_id`,
  ).execute(db)
  return {
    ...pattern,
    steps: rows.map(({ evidence, ...content }) => ({ content: { id: evidence.contentId, ...content }, evidence })),
  }
}

/** Those of these ids that no content has. */
export async function findUnknownContents(db: Kysely<Database>, ids: readonly string[]): Promise<string[]> {
  const rows = await db.selectFrom('contents').select('id').where('id', 'in', ids).execute()
  const known = new Set(rows.map(({ id }) => id))
  return ids.filter((id) => !known.has(id))
}

/** @throws AppError not_found */
export async function assertAuthor(db: Kysely<Database>, id: string): Promise<{ contentCount: number }> {
  const author = await db.selectFrom('authors').select('contentCount').where('id', '=', id).executeTakeFirst()
  if (author !== undefined) return author
  throw new AppError('not_found', `There is no author with the id ${id}.`, {
    issues: [{ field: 'id', message: 'no such author' }],
  })
}

function noPattern(id: string): AppError {
  return new AppError('not_found', `There is no pattern with the id ${id}.`, {
    issues: [{ field: 'id', message: 'no such pattern' }],
  })
}
