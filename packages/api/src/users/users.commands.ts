import { type Database, sqlState, sqlStates } from '@extropy/db'
import type { Kysely } from 'kysely'
import type { z } from 'zod'
import { fieldError } from '../errors.ts'
import type { CreateUser, UpdateUser } from './users.schema.ts'

const columns = ['id', 'username', 'displayName', 'bio', 'createdAt', 'email'] as const

/** @throws AppError conflict where the username or the address is taken, whatever its case. */
export async function createUser(
  db: Kysely<Database>,
  { username, email, displayName, bio }: z.output<typeof CreateUser>,
) {
  return db
    .insertInto('users')
    .values({ username, email, displayName: displayName ?? username, bio: bio ?? null })
    .returning(columns)
    .executeTakeFirstOrThrow()
    .catch((error: unknown) => {
      if (sqlState(error) !== sqlStates.uniqueViolation) throw error
      const { constraint } = error as { constraint?: string }
      throw fieldError('conflict', constraint === 'idx_users_email_lower' ? 'email' : 'username', 'is taken')
    })
}

/** Undefined where there is no such user. */
export async function updateUser(db: Kysely<Database>, { id, displayName, bio }: z.output<typeof UpdateUser>) {
  return db
    .updateTable('users')
    .set((eb) => ({
      ...(displayName === undefined ? {} : { displayName }),
      ...(bio === undefined ? {} : { bio }),
      updatedAt: eb.fn<string>('now', []),
    }))
    .where('id', '=', id)
    .returning(columns)
    .executeTakeFirst()
}
