import type { Database, Platform } from '@extropy/db'
import type { Target } from '@extropy/intake'
import { type Kysely, sql, type Transaction } from 'kysely'
import { articleLine, type Piece } from '../ingest/article-line.ts'
import { analyzeContents } from '../ingest/ingest.queries.ts'
import type { NewContent } from '../ingest/ingest.schema.ts'
import { type ParsedLine, parseLine, type Reject } from '../ingest/parse-line.ts'
import { storeBatch } from '../ingest/store-batch.ts'
import type { JobContext } from '../jobs/define-job.ts'
import { type Identified, identify } from './identify.ts'
import { isSameContent, mergeContent, type Provenance } from './merge-content.ts'
import { packDocument, rememberOrigins } from './origins.ts'

/** A job's context, or what stands for it in a command. */
export type StoreContext = Pick<JobContext, 'deps' | 'change' | 'write'>

export interface Stored {
  /** Of all articles that are in, new or not, in their order. */
  readonly contentIds: readonly string[]
  /** New or changed. */
  readonly stored: number
  readonly rejected: readonly string[]
}

/** Stores what a round has brought: each piece once, whatever address it came from. */
export async function storeArticles(
  context: StoreContext,
  articles: readonly Piece[],
  target: Pick<Target, 'platform' | 'key'>,
): Promise<Stored> {
  const rejected: string[] = []
  const { contentIds, created, changed } = await storePieces(context, articles, {
    from: () => 'look',
    platformOf: () => target.platform,
    target,
    onReject: ({ field, reason }, article) => rejected.push(`${article.url}: ${field} ${reason}`),
  })
  if (created + changed > 0) await analyzeContents(context.deps.db)
  return { contentIds, stored: created + changed, rejected }
}

export interface StorePiecesOptions {
  readonly from: (article: Piece) => Provenance
  readonly platformOf: (article: Piece) => Platform
  /** What was looked at; left out for what was not fetched. */
  readonly target?: Pick<Target, 'platform' | 'key'>
  readonly placeOf?: (article: Piece) => string
  readonly onReject: (reject: Reject, article: Piece) => void
  /** Runs in the last transaction: with it all of them are in, and known by all of their addresses. */
  readonly onStored?: (trx: Transaction<Database>, counts: PieceCounts) => Promise<void>
}

export interface PieceCounts {
  readonly created: number
  readonly changed: number
  /** Also those that came twice. */
  readonly unchanged: number
  readonly rejected: number
  readonly passages: number
}

/** Stores pieces of whatever provenance; nothing is written of one that is there as it is. */
export async function storePieces(
  context: StoreContext,
  articles: readonly Piece[],
  options: StorePiecesOptions,
): Promise<PieceCounts & { readonly contentIds: readonly string[] }> {
  const identified = await identify(context.deps.db, articles)
  const known = await readKnown(context.deps.db, [...new Set(identified.map(({ sourceUrl }) => sourceUrl))])
  const wasThere = new Set(known.keys())
  const batch: ParsedLine[] = []
  /** Their hash says nothing of the text that is kept. */
  const textless = new Set<Piece>()
  let rejected = 0
  const reject = (refused: Reject) => {
    rejected++
    options.onReject(refused, articles[refused.line.number - 1] as Piece)
  }
  for (const [index, { article, sourceUrl, isCopy }] of identified.entries()) {
    const place = options.placeOf?.(article)
    const line = articleLine(article, index + 1, { platform: options.platformOf(article), place })
    const parsed = parseLine(line)
    if ('reason' in parsed) {
      reject(parsed)
      continue
    }
    const before = known.get(sourceUrl)
    const content = before
      ? mergeContent(before, parsed.content, isCopy ? 'archive' : options.from(article))
      : { ...parsed.content, sourceUrl }
    if (content.body !== parsed.content.body) textless.add(article)
    if (before !== undefined && isSameContent(before, content)) continue
    known.set(sourceUrl, content)
    batch.push({ line, content })
  }
  const { stored, passages } =
    batch.length === 0 ? { stored: [], passages: 0 } : await context.change((deps) => storeBatch(deps, batch, reject))
  const created = stored.filter((url) => !wasThere.has(url)).length
  const counts = {
    created,
    changed: stored.length - created,
    unchanged: articles.length - rejected - stored.length,
    rejected,
    passages,
  }
  const met = await Promise.all(
    identified.map(async ({ article, sourceUrl, isCopy }) => ({
      sourceUrl,
      origin: article.origin,
      // A copy's document is not what the text was read from, and neither is a summary's.
      document: isCopy || textless.has(article) ? undefined : await packDocument(article.origin, context.deps),
    })),
  )
  if (articles.length === 0 && options.onStored === undefined) return { ...counts, contentIds: [] }
  const ids = await context.write(async (trx) => {
    const idOf = await findIds(trx, identified)
    const remembered = await rememberIdentities(
      trx,
      identified.map((each) => (textless.has(each.article) ? { ...each, textHash: undefined } : each)),
      idOf,
    )
    if (options.target !== undefined) await rememberOrigins(trx, options.target, met, idOf)
    await options.onStored?.(trx, counts)
    return remembered
  })
  return { ...counts, contentIds: [...new Set(ids)] }
}

/** Contents that are there, as they would be stored again. A piece keeps its platform, wherever it is met again. */
async function readKnown(db: Kysely<Database>, urls: readonly string[]): Promise<Map<string, NewContent>> {
  if (urls.length === 0) return new Map()
  const rows = await db
    .selectFrom('contents')
    .select((select) => [
      'sourceUrl',
      'platform',
      'title',
      'body',
      'publishedAt',
      'language',
      'tags',
      'metrics',
      select
        .selectFrom('contentAuthors')
        .innerJoin('authors', 'authors.id', 'contentAuthors.authorId')
        .whereRef('contentAuthors.contentId', '=', 'contents.id')
        .select(
          sql<NewContent['authors']>`coalesce(jsonb_agg(jsonb_build_object('username', authors.username,
            'displayName', authors.display_name) order by content_authors.position), '[]')`.as('authors'),
        )
        .as('authors'),
    ])
    .where('sourceUrl', 'in', urls)
    .execute()
  return new Map(
    rows.map(({ authors, language, ...row }) => [
      row.sourceUrl,
      { ...row, language: language as NewContent['language'], authors: authors ?? [] },
    ]),
  )
}

/** Of contents, by their addresses. */
async function findIds(trx: Transaction<Database>, identified: readonly Identified[]): Promise<Map<string, string>> {
  if (identified.length === 0) return new Map()
  const urls = [...new Set(identified.map(({ sourceUrl }) => sourceUrl))]
  const rows = await trx.selectFrom('contents').select(['id', 'sourceUrl']).where('sourceUrl', 'in', urls).execute()
  return new Map(rows.map(({ id, sourceUrl }) => [sourceUrl, id]))
}

async function rememberIdentities(
  trx: Transaction<Database>,
  identified: readonly Identified[],
  ids: ReadonlyMap<string, string>,
): Promise<string[]> {
  const aliases = new Map<string, { url: string; contentId: string; reason: Identified['aliases'][number]['reason'] }>()
  const hashes = new Map<string, { contentId: string; textHash: string }>()
  for (const { sourceUrl, textHash, aliases: others } of identified) {
    const contentId = ids.get(sourceUrl)
    if (contentId === undefined) continue
    for (const { url, reason } of others) aliases.set(url, { url, contentId, reason })
    if (textHash !== undefined) hashes.set(contentId, { contentId, textHash })
  }
  if (aliases.size > 0) {
    await trx
      .insertInto('contentAliases')
      .values([...aliases.values()])
      .onConflict((conflict) => conflict.column('url').doNothing())
      .execute()
  }
  if (hashes.size > 0) {
    await trx
      .insertInto('contentTextHashes')
      .values([...hashes.values()])
      .onConflict((conflict) =>
        conflict.column('contentId').doUpdateSet(({ ref }) => ({ textHash: ref('excluded.textHash') })),
      )
      .execute()
  }
  return identified.flatMap(({ sourceUrl }) => ids.get(sourceUrl) ?? [])
}
