import type { Database } from '@extropy/db'
import type { Transaction } from 'kysely'
import type { z } from 'zod'
import { fieldError, inputError } from '../errors.ts'
import { hashContent, storeContentIn } from '../ingest/ingest.queries.ts'
import { IngestLine } from '../ingest/ingest.schema.ts'
import { detectLanguage } from '../language/language.ts'
import { isContent, noSuchContent, prepareContent } from './contents.commands.ts'
import type { UpdateContent } from './contents.schema.ts'

/**
 * Changes what is named of a content, which is checked as a whole then, as an ingest would. Its place in lists stays. Metrics
 * alone leave passages and vectors untouched.
 *
 * @throws AppError not_found, conflict (it has changed since `ifContentHash`), invalid_input
 */
export async function updateContent(
  trx: Transaction<Database>,
  { id, sourceUrl, ifContentHash, ...given }: z.output<typeof UpdateContent>,
): Promise<{ id: string; changed: string[] }> {
  const stored = await lockContent(trx, { id, sourceUrl })
  if (ifContentHash !== undefined && ifContentHash !== stored.contentHash) {
    throw fieldError('conflict', 'ifContentHash', 'is not what the content has now: read it again')
  }
  const changes = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const changed = Object.keys(changes)
  const parsed = IngestLine.safeParse(merge(stored, changes))
  if (!parsed.success) throw inputError(parsed.error)
  if (changed.every((field) => field === 'metrics')) {
    const { metrics } = parsed.data
    const columns = { metrics: JSON.stringify(metrics) as never, contentHash: hashContent(parsed.data) }
    await trx.updateTable('contents').set(columns).where('id', '=', stored.id).execute()
  } else {
    const prepared = await prepareContent(trx, parsed.data)
    if (prepared !== undefined) await storeContentIn(trx, prepared)
    const { scrapedAt } = stored
    await trx.updateTable('contents').set({ scrapedAt }).where('id', '=', stored.id).execute()
  }
  return { id: stored.id, changed }
}

async function lockContent(trx: Transaction<Database>, ref: Parameters<typeof noSuchContent>[0]) {
  const content = await trx
    .selectFrom('contents')
    .select(['id', 'platform', 'sourceUrl', 'title', 'body', 'language', 'tags', 'publishedAt', 'metrics'])
    .select(['contentHash', 'scrapedAt'])
    .where(isContent(ref))
    .forUpdate()
    .executeTakeFirst()
  if (content === undefined) noSuchContent(ref)
  const authors = await trx
    .selectFrom('contentAuthors')
    .innerJoin('authors', 'authors.id', 'contentAuthors.authorId')
    .select('authors.displayName')
    .where('contentAuthors.contentId', '=', content.id)
    .orderBy('contentAuthors.position')
    .execute()
  return { ...content, authors: authors.map(({ displayName }) => displayName) }
}

/** A line of an ingest, made from the row and the changes. */
function merge(
  { id: _, contentHash: __, scrapedAt: ___, authors, language, ...stored }: Awaited<ReturnType<typeof lockContent>>,
  changes: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  // A language that the text told is told anew by another text.
  const wasGiven = language !== detectLanguage(`${stored.title}\n${stored.body}`)
  return {
    ...stored,
    ...(wasGiven ? { language } : {}),
    ...('author' in changes || 'authors' in changes ? {} : { authors }),
    ...changes,
  }
}
