import type { Database } from '@extropy/db'
import type { ExpressionBuilder, Kysely, Transaction } from 'kysely'
import type { z } from 'zod'
import { fieldError, inputError } from '../errors.ts'
import { countContents, type PreparedContent, storeContents } from '../ingest/ingest.queries.ts'
import { IngestLine, type NewContent } from '../ingest/ingest.schema.ts'
import { prepareContents } from '../ingest/prepare-contents.ts'
import { inTransaction } from '../transaction.ts'
import type { ContentRef, PutContent } from './contents.schema.ts'

/**
 * Stores one content as an ingest would: it is found by word at once, and by meaning when its vectors have followed. Returns its id.
 *
 * @throws AppError invalid_input
 */
export async function putContent(db: Kysely<Database>, input: z.output<typeof PutContent>): Promise<string> {
  const parsed = IngestLine.safeParse(input)
  if (!parsed.success) throw inputError(parsed.error)
  const { data: content } = parsed
  const prepared = await prepareContent(db, content)
  if (prepared !== undefined) await storeContents(db, [prepared])
  const { id } = await db
    .selectFrom('contents')
    .select('id')
    .where('sourceUrl', '=', content.sourceUrl)
    .executeTakeFirstOrThrow()
  return id
}

/** Undefined where it is stored already, as it is. @throws AppError invalid_input */
export async function prepareContent(db: Kysely<Database>, content: NewContent): Promise<PreparedContent | undefined> {
  const line = { number: 1, bytes: Buffer.alloc(0), text: '' }
  const { prepared } = await prepareContents({ db }, [{ line, content }], ({ field, reason }) => {
    throw fieldError('invalid_input', field, reason)
  })
  return prepared[0]
}

/** The condition that finds one content, however it is named. */
export function isContent({ id, sourceUrl }: z.output<typeof ContentRef>) {
  return ({ eb }: ExpressionBuilder<Database, 'contents'>) =>
    id === undefined ? eb('sourceUrl', '=', sourceUrl as string) : eb('id', '=', id)
}

/** @throws AppError not_found */
export function noSuchContent({ id }: z.output<typeof ContentRef>): never {
  throw fieldError('not_found', id === undefined ? 'sourceUrl' : 'id', 'no such content')
}

/** Deletes the contents of these source URLs with their passages, all at once. Returns how many there were. */
export function deleteContents(db: Kysely<Database>, sourceUrls: readonly string[]): Promise<number> {
  return inTransaction(db, async (trx) => {
    const found = await trx
      .selectFrom('contents')
      .select('id')
      .where('sourceUrl', 'in', sourceUrls)
      .forUpdate()
      .execute()
    await removeLocked(
      trx,
      found.map(({ id }) => id),
    )
    return found.length
  })
}

/**
 * Deletes a content with its passages. Its authors stay, and so do cards about it, which then name no content. Ingested
 * again, it is a new content.
 *
 * @throws AppError not_found
 */
export async function deleteContent(
  trx: Transaction<Database>,
  ref: z.output<typeof ContentRef>,
): Promise<{ id: string; sourceUrl: string }> {
  const content = await trx
    .selectFrom('contents')
    .select(['id', 'sourceUrl'])
    .where(isContent(ref))
    .forUpdate()
    .executeTakeFirst()
  if (content === undefined) noSuchContent(ref)
  await removeLocked(trx, [content.id])
  return content
}

async function removeLocked(trx: Transaction<Database>, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  // Before the contents, whose deletion would delete each one's passages by a statement of its own.
  await trx.deleteFrom('contentChunks').where('contentId', 'in', ids).execute()
  const authors = await trx.deleteFrom('contentAuthors').where('contentId', 'in', ids).returning('authorId').execute()
  await trx.deleteFrom('contents').where('id', 'in', ids).execute()
  await countContents(trx, [...new Set(authors.map(({ authorId }) => authorId))])
}
