import type { Database, Platform } from '@extropy/db'
import type { ArchiveEvent, ArchiveFeed, ArchiveItem, ReadArchiveOptions } from '@extropy/intake'
import type { Transaction } from 'kysely'
import type { Deps } from '../context.ts'
import type { Piece } from '../ingest/article-line.ts'
import { analyzeContents } from '../ingest/ingest.queries.ts'
import type { Reject } from '../ingest/parse-line.ts'
import { longBatch } from '../ingest/store-batch.ts'
import { invalidating } from '../invalidating.ts'
import type { Provenance } from '../looks/merge-content.ts'
import { type PieceCounts, type StoreContext, storePieces } from '../looks/store-articles.ts'
import { inTransaction } from '../transaction.ts'

/** Pieces stored together; fewer where they are long. */
const batchSize = 128
const feedsAtOnce = 500

/** How far an import is: with each batch, in its transaction. */
export interface ArchiveProgress extends PieceCounts {
  /** Of the last event that is done. */
  readonly position: string | undefined
}

export const noProgress: ArchiveProgress = {
  position: undefined,
  created: 0,
  changed: 0,
  unchanged: 0,
  rejected: 0,
  passages: 0,
}

export interface StoreArchiveOptions {
  readonly archive?: ReadArchiveOptions
  /** Where an earlier run left off. */
  readonly from?: ArchiveProgress | undefined
  readonly onReject: (reject: Reject) => void
  /** Hears of all that is neither a piece nor a feed. */
  readonly onOther?: (event: Exclude<ArchiveEvent, { type: 'item' | 'feed' }>) => void
  /** In a batch's last transaction: feeds of the batch, and how far it is with it. */
  readonly onBatch?: (
    trx: Transaction<Database>,
    batch: { readonly feeds: readonly ArchiveFeed[]; readonly progress: ArchiveProgress },
  ) => Promise<void>
  readonly onProgress?: (progress: ArchiveProgress) => void
}

/**
 * Stores what is in an archive, a batch at a time: each piece once, also where a feed or a page has brought it. Neither the archive nor what
 * has been read of it is ever in memory as a whole.
 *
 * @throws ArchiveError
 */
export async function storeArchive(
  context: StoreContext,
  path: string,
  { archive = {}, from = noProgress, onReject, onOther, onBatch, onProgress }: StoreArchiveOptions,
): Promise<ArchiveProgress> {
  let progress = from
  let items: ArchiveItem[] = []
  let places = new Map<Piece, string>()
  let feeds: ArchiveFeed[] = []
  let length = 0
  let position = from.position

  const flush = async () => {
    const before = progress
    await storePieces(context, items, {
      from: provenanceOf,
      platformOf: (item) => item.platform as Platform,
      placeOf: (item) => places.get(item) as string,
      onReject,
      onStored: async (trx, counts) => {
        progress = sum(before, counts, position)
        await onBatch?.(trx, { feeds, progress })
      },
    })
    items = []
    places = new Map()
    feeds = []
    length = 0
    onProgress?.(progress)
  }

  const after = from.position
  const { readArchive } = await import('@extropy/intake/archive')
  for await (const event of readArchive(path, { ...archive, ...(after === undefined ? {} : { after }) })) {
    if (event.type === 'end') {
      onOther?.(event)
      break
    }
    position = event.position
    if (event.type === 'item') {
      items.push(event.item)
      places.set(event.item, `${event.entry}, ${event.item.id}`)
      length += event.item.body.length
    } else if (event.type === 'feed') feeds.push(event.feed)
    else onOther?.(event)
    if (items.length >= batchSize || feeds.length >= feedsAtOnce || length >= longBatch) await flush()
  }
  if (items.length > 0 || feeds.length > 0) await flush()
  if (progress.created + progress.changed > 0) await analyzeContents(context.deps.db)
  return progress
}

/** What has no address on the web is itself the source, and so is a row that is written for ingest. */
const provenanceOf = ({ url, record }: Piece): Provenance =>
  record !== undefined || url.startsWith('urn:') ? 'own' : 'archive'

function sum(one: ArchiveProgress, other: PieceCounts, position: string | undefined): ArchiveProgress {
  return {
    position,
    created: one.created + other.created,
    changed: one.changed + other.changed,
    unchanged: one.unchanged + other.unchanged,
    rejected: one.rejected + other.rejected,
    passages: one.passages + other.passages,
  }
}

/** Stands for a job's context in a command. */
export function commandContext(deps: Deps): StoreContext {
  const change: StoreContext['change'] = (work) => invalidating(deps, (db) => work({ ...deps, db }))
  return { deps, change, write: (work) => change(({ db }) => inTransaction(db, work)) }
}
