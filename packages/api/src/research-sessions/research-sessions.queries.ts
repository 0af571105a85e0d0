import type { Database } from '@extropy/db'
import type { Kysely } from 'kysely'
import type { z } from 'zod'
import { AppError } from '../errors.ts'
import { defineKeyset, keysetPage } from '../keyset.ts'
import type { ListResearchSessions } from './research-sessions.schema.ts'

const sessionColumns = [
  'id',
  'userId',
  'name',
  'status',
  'platforms',
  'keywords',
  'contentsFound',
  'contentsAnalyzed',
  'patternsFound',
  'createdAt',
  'finishedAt',
] as const

const byCreation = defineKeyset('research-sessions', 'createdAt', 'id')

/** Newest first; all of them, those of a status, those of a user, or both. */
export async function listResearchSessions(
  db: Kysely<Database>,
  { status, userId, ...page }: z.output<typeof ListResearchSessions>,
) {
  let query = db.selectFrom('researchSessions').select(sessionColumns)
  if (status !== undefined) query = query.where('status', '=', status)
  if (userId !== undefined) query = query.where('userId', '=', userId)
  return keysetPage(query, byCreation, page)
}

/** A user's sessions as they are, newest first. */
export async function listWholeSessions(
  db: Kysely<Database>,
  { userId, ...page }: { readonly userId: string; readonly limit: number; readonly cursor?: string },
) {
  const query = db.selectFrom('researchSessions').select(wholeSessionColumns).where('userId', '=', userId)
  return keysetPage(query, byCreation, page)
}

export const wholeSessionColumns = [
  ...sessionColumns,
  'brief',
  'targetAuthorities',
  'questions',
  'targets',
  'budget',
  'spent',
  'jobId',
  'outputs',
  'updatedAt',
] as const

/** A session of this user, or of any where `userId` is left out. @throws AppError not_found, also for another user's session. */
export async function getResearchSession(
  db: Kysely<Database>,
  { id, userId }: { id: string; userId?: string | undefined },
) {
  let query = db.selectFrom('researchSessions').select(wholeSessionColumns).where('id', '=', id)
  if (userId !== undefined) query = query.where('userId', '=', userId)
  const session = await query.executeTakeFirst()
  if (session !== undefined) return session
  throw new AppError('not_found', `There is no research session with the id ${id}.`, {
    issues: [{ field: 'id', message: 'no such research session' }],
  })
}
