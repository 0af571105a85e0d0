import { createHash } from 'node:crypto'
import { type Database, type EmbeddingModelRow, rawRead } from '@extropy/db'
import { type Kysely, sql, type Transaction } from 'kysely'
import { type Embedder, EmbedderError } from '../embedding/embedder.ts'
import { inTransaction } from '../transaction.ts'
import type { NewContent } from './ingest.schema.ts'
import { insertPassages } from './insert-passages.ts'

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
 * Writes contents, of as many URLs, with their authors and passages in one transaction: after a crash all of them are there
 * whole, or none. New authors are there before: two writers who have the same ones would wait for each other's whole batch.
 * Rows are locked in one order, contents by URL and, only at the end, authors whose contents are counted; where two writers
 * meet crosswise all the same, one tries again.
 */
export async function storeContents(db: Kysely<Database>, contents: readonly PreparedContent[]): Promise<void> {
  const authorIdOf = await upsertAuthors(db, contents)
  await inTransaction(db, (trx) => writeContents(trx, contents, authorIdOf))
}

/** The same inside a transaction that has locked the content. */
export async function storeContentIn(trx: Transaction<Database>, content: PreparedContent): Promise<void> {
  await writeContents(trx, [content], await upsertAuthors(trx, [content]))
}

async function writeContents(
  trx: Transaction<Database>,
  contents: readonly PreparedContent[],
  authorIdOf: (platform: string, username: string) => string,
): Promise<void> {
  const idByUrl = await upsertContents(trx, contents)
  const former = await trx
    .deleteFrom('contentAuthors')
    .where('contentId', 'in', [...idByUrl.values()])
    .returning('authorId')
    .execute()
  const stored = contents.map((prepared) => ({
    ...prepared,
    contentId: idByUrl.get(prepared.content.sourceUrl) as string,
    authorIds: prepared.content.authors.map(({ username }) => authorIdOf(prepared.content.platform, username)),
  }))
  await trx
    .insertInto('contentAuthors')
    .values(
      stored.flatMap(({ contentId, authorIds }) =>
        authorIds.map((authorId, position) => ({ contentId, authorId, position })),
      ),
    )
    .execute()
  await replacePassages(trx, stored)
  const present = stored.flatMap(({ authorIds }) => authorIds)
  await countContents(trx, [...new Set([...former.map(({ authorId }) => authorId), ...present])])
}

/** Brings the planner's statistics, and the counts that /health quotes, up to date: the embedded database never does. */
export async function analyzeContents(db: Kysely<Database>): Promise<void> {
  await rawRead([], sql`analyze contents, content_chunks, authors, content_authors`).execute(db)
}

/** URL to id. The later a content stands, the newer it is, as if each had been written by itself. */
async function upsertContents(
  trx: Transaction<Database>,
  contents: readonly PreparedContent[],
): Promise<Map<string, string>> {
  const values = contents.map(({ content: { authors, metrics, ...columns }, contentHash }, place) => {
    return {
      ...columns,
      author: authors.map((author) => author.displayName).join(', '),
      metrics: JSON.stringify(metrics) as unknown as Record<string, unknown>,
      contentHash,
      // Derived from its passages as they were.
      embedding: null,
      embeddingModelId: null,
      analysis: null,
      analyzedAt: null,
      analysisVersion: 0,
      scrapedAt: sql<string>`now() + ${place}::int * interval '1 microsecond'`,
    }
  })
  const columns = Object.keys(values[0] ?? {}) as (keyof (typeof values)[0])[]
  const rows = await trx
    .insertInto('contents')
    .values(values.toSorted((a, b) => (a.sourceUrl < b.sourceUrl ? -1 : 1)))
    .onConflict((conflict) =>
      conflict
        .column('sourceUrl')
        .doUpdateSet(({ ref }) => Object.fromEntries(columns.map((column) => [column, ref(`excluded.${column}`)]))),
    )
    .returning(['id', 'sourceUrl'])
    .execute()
  return new Map(rows.map((row) => [row.sourceUrl, row.id]))
}

/** Tells an author's id by platform and username. New ones are made in the order of their names, in a transaction of their own. */
async function upsertAuthors(db: Kysely<Database>, contents: readonly PreparedContent[]) {
  const keyOf = (platform: string, username: string) => `${platform} ${username}`
  const named = new Map(
    contents.flatMap(({ content: { platform, authors } }) =>
      authors.map((author) => [keyOf(platform, author.username), { platform, ...author }] as const),
    ),
  )
  const present = await db
    .selectFrom('authors')
    .select(['id', 'platform', 'username', 'displayName'])
    .where('platform', 'in', [...new Set(contents.map(({ content }) => content.platform))])
    .where('username', 'in', [...new Set([...named.values()].map(({ username }) => username))])
    .execute()
  const ids = new Map<string, string>()
  for (const { id, platform, username, displayName } of present) {
    const key = keyOf(platform, username)
    if (named.get(key)?.displayName === displayName) ids.set(key, id)
  }
  const others = [...named].filter(([key]) => !ids.has(key)).sort(([a], [b]) => (a < b ? -1 : 1))
  if (others.length > 0) {
    const insert = (trx: Kysely<Database>) =>
      trx
        .insertInto('authors')
        .values(others.map(([, author]) => author))
        .onConflict((conflict) =>
          conflict
            .columns(['platform', 'username'])
            .doUpdateSet((set) => ({ displayName: set.ref('excluded.displayName') })),
        )
        .returning(['id', 'platform', 'username'])
        .execute()
    const rows = await (db.isTransaction ? insert(db) : inTransaction(db, insert))
    for (const { id, platform, username } of rows) ids.set(keyOf(platform, username), id)
  }
  return (platform: string, username: string) => ids.get(keyOf(platform, username)) as string
}

/** Counts when nobody else can: what others have committed before the lock is seen after it. */
export async function countContents(trx: Transaction<Database>, authorIds: readonly string[]): Promise<void> {
  await trx.selectFrom('authors').select('id').where('id', 'in', authorIds).orderBy('id').forNoKeyUpdate().execute()
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

interface StoredContent extends PreparedContent {
  readonly contentId: string
  readonly authorIds: readonly string[]
}

async function replacePassages(trx: Transaction<Database>, contents: readonly StoredContent[]): Promise<void> {
  await trx
    .deleteFrom('contentChunks')
    .where(
      'contentId',
      'in',
      contents.map(({ contentId }) => contentId),
    )
    .execute()
  await insertPassages(
    trx,
    contents.map(({ content, contentId, authorIds, passages }) => ({
      ...content,
      contentId,
      authorIds,
      passages: passages.map((text, ordinal) => ({ ordinal, text })),
    })),
  )
}
