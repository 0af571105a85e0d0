import type { Database } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import type { z } from 'zod'
import { fieldError } from '../errors.ts'
import { getResearchSession, wholeSessionColumns } from './research-sessions.queries.ts'
import type { CreateSession, UpdateSession } from './research-sessions.schema.ts'

export function insertSession(db: Kysely<Database>, userId: string, session: z.output<typeof CreateSession>) {
  return db
    .insertInto('researchSessions')
    .values({ ...session, userId })
    .returning(wholeSessionColumns)
    .executeTakeFirstOrThrow()
}

/**
 * Changes a session that is in progress, of any user where `userId` is left out.
 *
 * @throws AppError not_found, conflict where the session has ended.
 */
export async function updateSession(
  db: Kysely<Database>,
  userId: string | undefined,
  { id, outputs, status, ...counts }: z.output<typeof UpdateSession>,
) {
  let query = db
    .updateTable('researchSessions')
    .set({
      ...Object.fromEntries(Object.entries(counts).filter(([, value]) => value !== undefined)),
      ...(outputs === undefined ? {} : { outputs: JSON.stringify(outputs) as never }),
      ...(status === undefined ? {} : { status, finishedAt: sql<string>`now()` }),
      updatedAt: sql<string>`now()`,
    })
    .where('id', '=', id)
    .where('status', '=', 'in_progress')
  if (userId !== undefined) query = query.where('userId', '=', userId)
  const updated = await query.returning(wholeSessionColumns).executeTakeFirst()
  if (updated !== undefined) return updated
  const { status: ended } = await getResearchSession(db, { id, userId })
  throw fieldError('conflict', 'status', `the session is ${ended}: it can no longer change`)
}
