import type { Database } from '@extropy/db'
import type { Kysely } from 'kysely'
import { z } from 'zod'
import { AppError } from '../errors.ts'
import { escapeLike } from '../escape-like.ts'
import { defineCursor, toPage } from '../pagination.ts'
import type { Author, AuthorPage, ListAuthors } from './authors.schema.ts'

const columns = [
  'id',
  'platform',
  'username',
  'displayName',
  'bio',
  'followerCount',
  'followingCount',
  'contentCount',
  'authorityScore',
] as const

const authorCursor = defineCursor('authors', [z.string(), z.string()])

/** By platform and username. A search matches any part of the username or the display name, whatever its case. */
export async function listAuthors(
  db: Kysely<Database>,
  { limit, cursor, search, platform }: z.output<typeof ListAuthors>,
): Promise<z.input<typeof AuthorPage>> {
  let query = db.selectFrom('authors').select(columns)
  if (platform !== undefined) query = query.where('platform', '=', platform)
  if (search !== undefined) {
    const pattern = `%${escapeLike(search)}%`
    query = query.where(({ eb, or }) => or([eb('username', 'ilike', pattern), eb('displayName', 'ilike', pattern)]))
  }
  if (cursor !== undefined) {
    const [afterPlatform, afterUsername] = authorCursor.decode(cursor)
    query = query.where(({ eb, refTuple, tuple }) =>
      // A cursor's platform is only compared, so any text is safe here.
      eb(refTuple('platform', 'username'), '>', tuple(afterPlatform as never, afterUsername)),
    )
  }
  const rows = await query
    .orderBy('platform')
    .orderBy('username')
    .limit(limit + 1)
    .execute()
  return toPage(rows, limit, (row) => authorCursor.encode([row.platform, row.username]))
}

/** @throws AppError not_found */
export async function getAuthor(db: Kysely<Database>, id: string): Promise<z.input<typeof Author>> {
  const author = await db.selectFrom('authors').select(columns).where('id', '=', id).executeTakeFirst()
  if (author !== undefined) return author
  throw new AppError('not_found', `There is no author with the id ${id}.`, {
    issues: [{ field: 'id', message: 'names no author' }],
  })
}
