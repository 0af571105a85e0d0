import type { Database } from '@extropy/db'
import type { Kysely } from 'kysely'
import type { z } from 'zod'
import { AppError } from '../errors.ts'
import { defineKeyset, keysetPage } from '../keyset.ts'
import type { Content, ContentPage, ListContents } from './contents.schema.ts'

const summaryColumns = ['id', 'platform', 'sourceUrl', 'author', 'title', 'tags', 'publishedAt', 'scrapedAt'] as const

const byScrape = defineKeyset('contents', 'scrapedAt', 'id')

/** Newest first by the time they were taken in; `id`: that one alone, and null none. */
export async function listContents(
  db: Kysely<Database>,
  {
    platform,
    authorId,
    id,
    ...page
  }: Omit<z.output<typeof ListContents>, 'sourceUrl'> & { readonly id?: string | null | undefined },
): Promise<z.input<typeof ContentPage>> {
  let query = db.selectFrom('contents').select(summaryColumns)
  if (platform !== undefined) query = query.where('platform', '=', platform)
  if (id !== undefined) query = query.where('id', '=', id)
  if (authorId !== undefined) {
    query = query.where('id', 'in', (of) =>
      of.selectFrom('contentAuthors').select('contentId').where('contentAuthors.authorId', '=', authorId),
    )
  }
  return keysetPage(query, byScrape, page)
}

/** @throws AppError not_found */
export async function getContent(db: Kysely<Database>, id: string): Promise<z.input<typeof Content>> {
  const content = await db
    .selectFrom('contents')
    .select([...summaryColumns, 'body', 'metrics', 'contentHash', 'analyzedAt'])
    .where('id', '=', id)
    .executeTakeFirst()
  if (content === undefined) {
    throw new AppError('not_found', `There is no content with the id ${id}.`, {
      issues: [{ field: 'id', message: 'no such content' }],
    })
  }
  const authors = await db
    .selectFrom('contentAuthors')
    .innerJoin('authors', 'authors.id', 'contentAuthors.authorId')
    .select(['authors.id', 'authors.username', 'authors.displayName'])
    .where('contentAuthors.contentId', '=', id)
    .orderBy('contentAuthors.position')
    .execute()
  return { ...content, authors }
}
