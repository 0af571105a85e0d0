import { type Database, rawRead } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import { z } from 'zod'
import { AppError } from '../errors.ts'
import { defineKeyset, keysetPage } from '../keyset.ts'
import type { ListPatterns } from './patterns.schema.ts'

const patternColumns = ['id', 'authorId', 'type', 'description', 'confidenceScore', 'discoveredAt'] as const

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
 * A pattern with the ids of the contents that it was seen in.
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
        sql<
          string[]
        >`array(select content_id from pattern_contents where pattern_id = patterns.id order by content_id)`,
      ).as('contentIds'),
    ])
    .where('id', '=', id)
    .executeTakeFirst()
  if (pattern !== undefined) return pattern
  throw new AppError('not_found', `There is no pattern with the id ${id}.`, {
    issues: [{ field: 'id', message: 'no such pattern' }],
  })
}
