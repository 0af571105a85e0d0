import type { Database } from '@extropy/db'
import type { Kysely } from 'kysely'
import { z } from 'zod'
import { defineCursor, timestampKey, toPage } from '../pagination.ts'
import type { ListAuditLog } from './audit.schema.ts'

const auditCursor = defineCursor('audit', [timestampKey, z.uuid()])

/** Newest first. */
export async function listAuditLog(
  db: Kysely<Database>,
  { limit, cursor, actorUserId }: z.output<typeof ListAuditLog>,
) {
  let query = db.selectFrom('auditLog').selectAll()
  if (actorUserId !== undefined) query = query.where('actorUserId', '=', actorUserId)
  if (cursor !== undefined) {
    const [createdAt, id] = auditCursor.decode(cursor)
    query = query.where(({ eb, refTuple, tuple }) => eb(refTuple('createdAt', 'id'), '<', tuple(createdAt, id)))
  }
  const rows = await query
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
  return toPage(rows, limit, (row) => auditCursor.encode([row.createdAt, row.id]))
}
