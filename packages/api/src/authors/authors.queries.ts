import type { Database } from '@extropy/db'
import type { Kysely } from 'kysely'
import { z } from 'zod'
import { AppError } from '../errors.ts'
import { escapeLike } from '../escape-like.ts'
import { defineKeyset, keysetPage } from '../keyset.ts'
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

const byName = defineKeyset('authors', 'platform', 'username', { order: 'asc', schemas: [z.string(), z.string()] })

/** Lists authors by platform and username. A search matches any part of the username or the display name, whatever its case. */
export async function listAuthors(
  db: Kysely<Database>,
  { search, platform, ...page }: z.output<typeof ListAuthors>,
): Promise<z.input<typeof AuthorPage>> {
  let query = db.selectFrom('authors').select(columns)
  if (platform !== undefined) query = query.where('platform', '=', platform)
  if (search !== undefined) {
    const pattern = `%${escapeLike(search)}%`
    query = query.where(({ eb, or }) => or([eb('username', 'ilike', pattern), eb('displayName', 'ilike', pattern)]))
  }
  return keysetPage(query, byName, page)
}

/** @throws AppError not_found */
export async function getAuthor(db: Kysely<Database>, id: string): Promise<z.input<typeof Author>> {
  const author = await db.selectFrom('authors').select(columns).where('id', '=', id).executeTakeFirst()
  if (author !== undefined) return author
  throw new AppError('not_found', `There is no author with the id ${id}.`, {
    issues: [{ field: 'id', message: 'no such author' }],
  })
}
