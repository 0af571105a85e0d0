import type { Database } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import { z } from 'zod'
import { AppError } from '../errors.ts'
import { defineCursor, timestampKey, toPage } from '../pagination.ts'
import type { ListPatterns } from './patterns.schema.ts'

const patternColumns = ['id', 'authorId', 'type', 'description', 'confidenceScore', 'discoveredAt'] as const

const byDiscovery = defineCursor('patterns.discovered', [timestampKey, z.uuid()])
const byConfidence = defineCursor('patterns.confidence', [z.number().min(0).max(1), z.uuid()])

export async function listPatterns(
  db: Kysely<Database>,
  { limit, cursor, sort, authorId, type }: z.output<typeof ListPatterns>,
) {
  let query = db.selectFrom('patterns').select(patternColumns)
  if (authorId !== undefined) query = query.where('authorId', '=', authorId)
  if (type !== undefined) query = query.where('type', '=', type)
  if (sort === 'confidence') {
    if (cursor !== undefined) {
      const [score, id] = byConfidence.decode(cursor)
      query = query.where(({ eb, refTuple, tuple }) => eb(refTuple('confidenceScore', 'id'), '<', tuple(score, id)))
    }
    const rows = await query
      // No score is null, but the index says where nulls would go, and the planner wants to hear the same.
      .orderBy('confidenceScore', (order) => order.desc().nullsLast())
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute()
    return toPage(rows, limit, (row) => byConfidence.encode([row.confidenceScore, row.id]))
  }
  if (cursor !== undefined) {
    const [discoveredAt, id] = byDiscovery.decode(cursor)
    query = query.where(({ eb, refTuple, tuple }) => eb(refTuple('discoveredAt', 'id'), '<', tuple(discoveredAt, id)))
  }
  const rows = await query
    .orderBy('discoveredAt', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
  return toPage(rows, limit, (row) => byDiscovery.encode([row.discoveredAt, row.id]))
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
      sql<
        string[]
      >`array(select content_id from pattern_contents where pattern_id = patterns.id order by content_id)`.as(
        'contentIds',
      ),
    ])
    .where('id', '=', id)
    .executeTakeFirst()
  if (pattern !== undefined) return pattern
  throw new AppError('not_found', `There is no pattern with the id ${id}.`, {
    issues: [{ field: 'id', message: 'names no pattern' }],
  })
}
