import type { Database } from '@extropy/db'
import type { Kysely } from 'kysely'
import type { z } from 'zod'
import { defineKeyset, keysetPage } from '../keyset.ts'
import type { ListAuditLog } from './audit.schema.ts'

const byTime = defineKeyset('audit', 'createdAt', 'id')

/** Newest first. */
export async function listAuditLog(db: Kysely<Database>, { actorUserId, ...page }: z.output<typeof ListAuditLog>) {
  let query = db.selectFrom('auditLog').selectAll()
  if (actorUserId !== undefined) query = query.where('actorUserId', '=', actorUserId)
  return keysetPage(query, byTime, page)
}
