import { createHash } from 'node:crypto'
import { type Database, type EmbeddingModelRow, rawWrite } from '@extropy/db'
import { type Kysely, sql, type Transaction } from 'kysely'
import { type Embedder, EmbedderError } from '../embedding/embedder.ts'
import { searchConfigOf } from '../language/language.ts'
import { searchText } from '../language/search-text.ts'
import { inTransaction } from '../transaction.ts'
import type { NewContent } from './ingest.schema.ts'

/** Part of every content's hash: raise it when passages are cut or indexed in another way, and all are made anew. */
const passageVersion = 2

/** A content with everything that has to be computed before its transaction begins. */
export interface PreparedContent {
  readonly content: NewContent
  readonly contentHash: string
  readonly passages: readonly string[]
}

/**
 * The row that names the embedder's model, made on first use.
 *
 * @throws EmbedderError when the name is on record with another dimension.
 */
export async function registerModel(db: Kysely<Database>, embedder: Embedder): Promise<EmbeddingModelRow> {
  const { model: name, dimension } = embedder
  const known = db.selectFrom('embeddingModels').selectAll().where('name', '=', name)
  let row = await known.executeTakeFirst()
  if (row === undefined) {
    // Only now: an insert that finds its row there uses up an id all the same, and there are 32,767.
    await db
      .insertInto('embeddingModels')
      .values({ name, dimension })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .execute()
    row = await known.executeTakeFirstOrThrow()
  }
  if (row.dimension !== dimension) {
    throw new EmbedderError(
      `The model ${name} is on record with ${row.dimension} dimensions, but is configured with ${dimension}. Set EMBEDDING_DIMENSION=${row.dimension}, or give the other variant its own name in EMBEDDING_MODEL.`,
    )
  }
  return row
}

export function hashContent(content: NewContent): string {
  return createHash('sha256')
    .update(JSON.stringify([passageVersion, content]))
    .digest('hex')
}

/** Those of these that are stored already: source URL to content hash. */
export async function findHashes(db: Kysely<Database>, sourceUrls: readonly string[]): Promise<Map<string, string>> {
  const rows = await db
    .selectFrom('contents')
    .select(['sourceUrl', 'contentHash'])
    .where('sourceUrl', 'in', sourceUrls)
    .execute()
  return new Map(rows.map((row) => [row.sourceUrl, row.contentHash]))
}

/**
 * Writes a content, its authors and its passages in one transaction: after a crash it is there whole, or not at all.
 * Two writers can meet crosswise, at an author whom one content loses and the other one gains; then one tries again.
 */
export function storeContent(db: Kysely<Database>, prepared: PreparedContent): Promise<void> {
  return inTransaction(db, (trx) => writeContent(trx, prepared))
}

async function writeContent(trx: Transaction<Database>, prepared: PreparedContent): Promise<void> {
  const authorIds = await upsertAuthors(trx, prepared.content)
  const contentId = await upsertContent(trx, prepared)
  const formerAuthorIds = await replaceAuthors(trx, contentId, authorIds)
  await countContents(trx, [...new Set([...formerAuthorIds, ...authorIds])])
  await replacePassages(trx, contentId, prepared, authorIds)
}

/** Brings the planner's statistics, and the counts that /health quotes, up to date: the embedded database never does. */
export async function analyzeContents(db: Kysely<Database>): Promise<void> {
  await sql`analyze contents, content_chunks, authors, content_authors`.execute(db)
}

/** Ids in the order of the names. Rows are taken in username order, so that two writers seldom wait for each other. */
async function upsertAuthors(trx: Transaction<Database>, { platform, authors }: NewContent): Promise<string[]> {
  const rows = await trx
    .insertInto('authors')
    .values([...authors].sort((a, b) => (a.username < b.username ? -1 : 1)).map((author) => ({ platform, ...author })))
    .onConflict((conflict) =>
      conflict
        .columns(['platform', 'username'])
        .doUpdateSet((set) => ({ displayName: set.ref('excluded.displayName') })),
    )
    .returning(['id', 'username'])
    .execute()
  const idByUsername = new Map(rows.map((row) => [row.username, row.id]))
  return authors.map(({ username }) => idByUsername.get(username) as string)
}

async function upsertContent(trx: Transaction<Database>, prepared: PreparedContent): Promise<string> {
  const { authors, metrics, ...columns } = prepared.content
  const values = {
    ...columns,
    author: authors.map((author) => author.displayName).join(', '),
    metrics: JSON.stringify(metrics) as unknown as Record<string, unknown>,
    contentHash: prepared.contentHash,
    // Of its passages as they were.
    embedding: null,
    embeddingModelId: null,
  }
  const { id } = await trx
    .insertInto('contents')
    .values(values)
    .onConflict((conflict) => conflict.column('sourceUrl').doUpdateSet({ ...values, scrapedAt: sql`now()` }))
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

async function replaceAuthors(
  trx: Transaction<Database>,
  contentId: string,
  authorIds: readonly string[],
): Promise<string[]> {
  const former = await trx
    .deleteFrom('contentAuthors')
    .where('contentId', '=', contentId)
    .returning('authorId')
    .execute()
  await trx
    .insertInto('contentAuthors')
    .values(authorIds.map((authorId, position) => ({ contentId, authorId, position })))
    .execute()
  return former.map((row) => row.authorId)
}

async function countContents(trx: Transaction<Database>, authorIds: readonly string[]): Promise<void> {
  await trx
    .updateTable('authors')
    .set((set) => ({
      contentCount: set
        .selectFrom('contentAuthors')
        .whereRef('contentAuthors.authorId', '=', 'authors.id')
        .select(set.cast<number>(set.fn.countAll(), 'integer').as('count')),
    }))
    .where('id', 'in', authorIds)
    .execute()
}

async function replacePassages(
  trx: Transaction<Database>,
  contentId: string,
  { content, passages }: PreparedContent,
  authorIds: readonly string[],
): Promise<void> {
  await trx.deleteFrom('contentChunks').where('contentId', '=', contentId).execute()
  const config = searchConfigOf(content.language)
  const title = searchText(content.title)
  await rawWrite(
    ['contentChunks'],
    sql`
    insert into content_chunks (content_id, ordinal, text, search_vector, search_config, platform, author_ids,
                                published_at, tags)
    select ${contentId}::uuid, passage.ordinal - 1, passage.text,
           setweight(extropy_words(${config}::regconfig, ${title}), 'A')
             || setweight(extropy_words(${config}::regconfig, passage.words), 'D'),
           ${config}, ${content.platform}, ${authorIds}::uuid[], ${content.publishedAt}::timestamptz,
           ${content.tags}::text[]
    from unnest(${passages}::text[], ${passages.map(searchText)}::text[])
      with ordinality as passage (text, words, ordinal)`,
  ).execute(trx)
}
