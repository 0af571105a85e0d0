import type { Database } from '@extropy/db'
import type { Kysely, Transaction } from 'kysely'
import type { z } from 'zod'
import { fieldError, inputError } from '../errors.ts'
import { countContents, storeContents } from '../ingest/ingest.queries.ts'
import { IngestLine } from '../ingest/ingest.schema.ts'
import { prepareContents } from '../ingest/prepare-contents.ts'
import { inTransaction } from '../transaction.ts'
import type { PutContent } from './contents.schema.ts'

/**
 * Stores one content as an ingest would: it is found by word at once, and by meaning when its vectors have followed. Returns its id.
 *
 * @throws AppError invalid_input
 */
export async function putContent(db: Kysely<Database>, input: z.output<typeof PutContent>): Promise<string> {
  const parsed = IngestLine.safeParse(input)
  if (!parsed.success) throw inputError(parsed.error)
  const { data: content } = parsed
  const { prepared } = await prepareContents(
    { db },
    [{ line: { number: 1, bytes: Buffer.alloc(0), text: '' }, content }],
    ({ field, reason }) => {
      throw fieldError('invalid_input', field, reason)
    },
  )
  if (prepared.length > 0) await storeContents(db, prepared)
  const { id } = await db
    .selectFrom('contents')
    .select('id')
    .where('sourceUrl', '=', content.sourceUrl)
    .executeTakeFirstOrThrow()
  return id
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
  id: string,
): Promise<{ id: string; sourceUrl: string }> {
  const content = await trx
    .selectFrom('contents')
    .select(['id', 'sourceUrl'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  if (content === undefined) throw fieldError('not_found', 'id', 'no such content')
  await removeLocked(trx, [id])
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
