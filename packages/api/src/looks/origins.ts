import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { Database } from '@extropy/db'
import { decodeText, type Origin, type Target } from '@extropy/intake'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Deps } from '../context.ts'

const pack = promisify(gzip)
const unpack = promisify(gunzip)

const defaultSnapshotMaxBytes = 1_000_000

/** A document as it is kept. */
interface PackedDocument {
  readonly hash: Buffer
  readonly bytes: Buffer
  readonly sizeBytes: number
}

/** As text in UTF-8, whatever it came in; undefined where there is none, or it is larger than what is kept. */
export async function packDocument(
  origin: Origin | undefined,
  { snapshotMaxBytes = defaultSnapshotMaxBytes }: Pick<Deps, 'snapshotMaxBytes'>,
): Promise<PackedDocument | undefined> {
  const { document, contentType } = origin ?? {}
  if (document === undefined || document.length > snapshotMaxBytes) return undefined
  const text = Buffer.from(typeof document === 'string' ? document : decodeText(document, contentType).text)
  if (text.length > snapshotMaxBytes) return undefined
  return { hash: createHash('sha256').update(text).digest(), bytes: await pack(text), sizeBytes: text.length }
}

interface Met {
  readonly sourceUrl: string
  readonly origin: Origin | undefined
  readonly document: PackedDocument | undefined
}

/** Writes down where contents were met by a look. A document that is not there this time leaves the one that is kept. */
export async function rememberOrigins(
  trx: Transaction<Database>,
  { platform, key: target }: Pick<Target, 'platform' | 'key'>,
  met: readonly Met[],
  idOf: ReadonlyMap<string, string>,
): Promise<void> {
  // Of two entries that are one content, the last; in the order of their hashes, as every other look locks them.
  const rows = [
    ...new Map(
      met.flatMap(({ sourceUrl, origin, document }) => {
        const contentId = idOf.get(sourceUrl)
        return origin === undefined || contentId === undefined ? [] : [[contentId, { contentId, origin, document }]]
      }),
    ).values(),
  ]
  if (rows.length === 0) return
  const documents = new Map(
    rows.flatMap(({ document }) => (document ? [[document.hash.toString('hex'), document]] : [])),
  )
  if (documents.size > 0) {
    const sorted = [...documents.entries()].toSorted(([one], [other]) => (one < other ? -1 : 1))
    await trx
      .insertInto('rawDocuments')
      .values(sorted.map(([, document]) => document))
      // An update, for its lock: a document that is there already must not go before it is named.
      .onConflict((conflict) => conflict.column('hash').doUpdateSet(({ ref }) => ({ hash: ref('excluded.hash') })))
      .execute()
  }
  await trx
    .insertInto('contentOrigins')
    .values(
      rows.map(({ contentId, origin: { url, status, etag, contentType }, document }) => ({
        contentId,
        platform,
        target,
        url,
        httpStatus: status,
        etag: etag ?? null,
        contentType: contentType ?? null,
        documentHash: document?.hash ?? null,
        documentTakenAt: document === undefined ? null : sql<string>`now()`,
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(['contentId', 'platform', 'target']).doUpdateSet(({ ref }) => ({
        url: ref('excluded.url'),
        httpStatus: ref('excluded.httpStatus'),
        etag: ref('excluded.etag'),
        contentType: ref('excluded.contentType'),
        documentHash: sql<Buffer>`coalesce(excluded.document_hash, content_origins.document_hash)`,
        documentTakenAt: sql<string>`coalesce(excluded.document_taken_at, content_origins.document_taken_at)`,
        lastMetAt: sql<string>`now()`,
      })),
    )
    .execute()
}

/** Where a content was met, the latest first, with the source where that is followed. */
export function listOrigins(db: Kysely<Database>, contentId: string) {
  return db
    .selectFrom('contentOrigins')
    .leftJoin('sources', (join) =>
      join
        .onRef('sources.platform', '=', 'contentOrigins.platform')
        .onRef('sources.target', '=', 'contentOrigins.target'),
    )
    .select([
      'contentOrigins.platform',
      'contentOrigins.url',
      'httpStatus',
      'etag',
      'firstMetAt',
      'lastMetAt',
      'documentTakenAt',
      'sources.id as sourceId',
      'sources.label',
      'sources.title',
      'sources.status',
      'sources.lastFetchedAt',
      'sources.nextAt',
    ])
    .where('contentId', '=', contentId)
    .orderBy('lastMetAt', 'desc')
    .orderBy('contentOrigins.target')
    .limit(100)
    .execute()
}

/** The document that a content was read from last; undefined where none is kept. */
export async function findSnapshot(db: Kysely<Database>, contentId: string) {
  const row = await db
    .selectFrom('contentOrigins')
    .innerJoin('rawDocuments', 'rawDocuments.hash', 'contentOrigins.documentHash')
    .select(['documentTakenAt', 'contentType', 'sizeBytes', 'bytes'])
    .where('contentId', '=', contentId)
    .orderBy('documentTakenAt', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (row === undefined || row.documentTakenAt === null) return undefined
  const { documentTakenAt: takenAt, contentType, sizeBytes, bytes } = row
  return { takenAt, contentType, sizeBytes, document: (await unpack(bytes)).toString() }
}
