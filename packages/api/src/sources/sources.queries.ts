import type { Database } from '@extropy/db'
import type { Kysely } from 'kysely'
import type { z } from 'zod'
import { fieldError } from '../errors.ts'
import { defineKeyset, keysetPage } from '../keyset.ts'
import type { ListFetches, ListSources, Source } from './sources.schema.ts'

const sourceColumns = [
  'id',
  'platform',
  'kind',
  'target',
  'url',
  'label',
  'title',
  'siteUrl',
  'memory',
  'status',
  'itemLimit',
  'intervalSeconds',
  'folders',
  'addedBy',
  'failures',
  'lastOutcome',
  'lastMessage',
  'lastFetchedAt',
  'lastOkAt',
  'lastNewAt',
  'nextAt',
  'nextReason',
  'createdAt',
] as const

const byCreation = defineKeyset('sources', 'createdAt', 'id')
const byTime = defineKeyset('fetches', 'fetchedAt', 'id')

/** Newest first. */
export async function listSources(db: Kysely<Database>, { status, ...page }: z.output<typeof ListSources>) {
  let query = db.selectFrom('sources').select(sourceColumns)
  if (status !== undefined) query = query.where('status', '=', status)
  const { items, nextCursor } = await keysetPage(query, byCreation, page)
  return { items: items.map(toSource), nextCursor }
}

/** @throws AppError not_found */
export async function getSourceRow(db: Kysely<Database>, id: string) {
  const row = await db
    .selectFrom('sources')
    .select([...sourceColumns, 'absences'])
    .where('id', '=', id)
    .executeTakeFirst()
  if (row !== undefined) return row
  throw fieldError('not_found', 'id', 'no such source')
}

/** @throws AppError not_found */
export async function getSource(db: Kysely<Database>, id: string): Promise<z.output<typeof Source>> {
  return toSource(await getSourceRow(db, id))
}

type SourceRow = Omit<Awaited<ReturnType<typeof getSourceRow>>, 'absences'>

function toSource({ memory, itemLimit, ...row }: SourceRow): z.output<typeof Source> {
  return { ...row, limit: itemLimit, feedUrl: memory.feedUrl ?? null }
}

/** The log of a source, newest first. */
export async function listFetches(db: Kysely<Database>, { id, ...page }: z.output<typeof ListFetches>) {
  const query = db
    .selectFrom('fetches')
    .select([
      'id',
      'fetchedAt',
      'url',
      'finalUrl',
      'redirects',
      'outcome',
      'reason',
      'message',
      'httpStatus',
      'robots',
      'wireBytes',
      'totalMs',
      'waitedMs',
    ])
    .where('sourceId', '=', id)
  const { items, nextCursor } = await keysetPage(query, byTime, page)
  return { items: items.map((item) => ({ ...item, redirects: [...item.redirects] })), nextCursor }
}

/** Sources that are to be looked at by now, those that have waited longest first. */
export function findDue(db: Kysely<Database>, { now, most }: { readonly now: Date; readonly most: number }) {
  return db
    .selectFrom('sources')
    .select(['id', 'url'])
    .where('nextAt', '<=', now.toISOString())
    .where('status', '<>', 'paused')
    .orderBy('nextAt')
    .limit(most)
    .execute()
}

/** All of them, for an OPML file. */
export function listForOpml(db: Kysely<Database>) {
  return db
    .selectFrom('sources')
    .select(['url', 'title', 'label', 'siteUrl', 'folders', 'memory'])
    .where('status', '<>', 'gone')
    .orderBy('label')
    .orderBy('id')
    .limit(10_000)
    .execute()
}
