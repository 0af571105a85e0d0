import { type Database, hotRead } from '@extropy/db'
import type { Kysely } from 'kysely'
import type { z } from 'zod'
import { AppError } from '../errors.ts'
import { escapeLike } from '../escape-like.ts'
import { defineKeyset, keysetPage } from '../keyset.ts'
import type { ListUsers } from './users.schema.ts'

/** The columns that anyone may see. The e-mail address and the balance are the user's own. */
const publicColumns = ['id', 'username', 'displayName', 'bio', 'createdAt'] as const

const byCreation = defineKeyset('users', 'createdAt', 'id')

const selectUser = hotRead('users.getUser', (db, input: { id: string }) =>
  db.selectFrom('users').select(publicColumns).where('id', '=', input.id),
)

/** @throws AppError not_found */
export async function getUser(db: Kysely<Database>, id: string) {
  const [user] = await selectUser(db, { id })
  return user ?? noSuchUser(id)
}

/**
 * With the e-mail address: for the user and for admins.
 *
 * @throws AppError not_found
 */
export async function getUserWithEmail(db: Kysely<Database>, id: string) {
  const user = await db
    .selectFrom('users')
    .select([...publicColumns, 'email'])
    .where('id', '=', id)
    .executeTakeFirst()
  return user ?? noSuchUser(id)
}

/** Whatever the case of its letters. */
export async function findUserByUsername(db: Kysely<Database>, username: string) {
  return db
    .selectFrom('users')
    .select(publicColumns)
    .where(({ eb, fn, val }) => eb(fn('lower', ['username']), '=', fn('lower', [val(username)])))
    .executeTakeFirst()
}

/** Newest first. A search matches any part of the username or the display name, whatever its case. */
export async function listUsers(db: Kysely<Database>, { search, ...page }: z.output<typeof ListUsers>) {
  let query = db.selectFrom('users').select(publicColumns)
  if (search !== undefined) {
    const pattern = `%${escapeLike(search)}%`
    query = query.where(({ eb, or }) => or([eb('username', 'ilike', pattern), eb('displayName', 'ilike', pattern)]))
  }
  return keysetPage(query, byCreation, page)
}

function noSuchUser(id: string): never {
  throw new AppError('not_found', `There is no user with the id ${id}.`, {
    issues: [{ field: 'id', message: 'no such user' }],
  })
}
