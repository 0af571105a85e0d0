import type { Database, Platform } from '@extropy/db'
import type { Article } from '@extropy/intake'
import type { Transaction } from 'kysely'
import { ingest } from '../ingest/ingest.ts'
import type { Line } from '../ingest/read-lines.ts'
import type { JobContext } from '../jobs/define-job.ts'
import { articleLine } from './article-line.ts'
import { type Identified, identify } from './identify.ts'

export interface Stored {
  /** Of all articles that are in, new or not, in their order. */
  readonly contentIds: readonly string[]
  /** New or changed. */
  readonly stored: number
  readonly rejected: readonly string[]
}

/** Stores what a round has brought: each piece once, whatever address it came from. */
export async function storeArticles(
  context: Pick<JobContext, 'deps' | 'change' | 'write'>,
  articles: readonly Article[],
  platform: Platform,
): Promise<Stored> {
  if (articles.length === 0) return { contentIds: [], stored: 0, rejected: [] }
  const identified = await identify(context.deps.db, articles)
  const platforms = await platformsOf(context.deps.db, identified)
  const rejected: string[] = []
  const report = await context.change((deps) =>
    ingest(
      deps,
      linesOf(identified, (url) => platforms.get(url) ?? platform),
      {
        onReject: ({ line, field, reason }) =>
          rejected.push(`${identified[line.number - 1]?.article.url}: ${field} ${reason}`),
      },
    ),
  )
  const ids = await context.write((trx) => rememberIdentities(trx, identified))
  return { contentIds: [...new Set(ids)], stored: report.stored, rejected }
}

/** A piece that is there keeps its platform, wherever it is met again. */
async function platformsOf(db: JobContext['deps']['db'], identified: readonly Identified[]) {
  const urls = identified.map(({ sourceUrl }) => sourceUrl)
  const rows = await db
    .selectFrom('contents')
    .select(['sourceUrl', 'platform'])
    .where('sourceUrl', 'in', urls)
    .execute()
  return new Map(rows.map((row) => [row.sourceUrl, row.platform]))
}

async function* linesOf(
  identified: readonly Identified[],
  platformOf: (url: string) => Platform,
): AsyncGenerator<Line> {
  for (const [index, { article, sourceUrl }] of identified.entries()) {
    const text = articleLine(article, platformOf(sourceUrl), sourceUrl)
    yield { number: index + 1, bytes: Buffer.from(text), text }
  }
}

async function rememberIdentities(trx: Transaction<Database>, identified: readonly Identified[]): Promise<string[]> {
  const urls = identified.map(({ sourceUrl }) => sourceUrl)
  const rows = await trx.selectFrom('contents').select(['id', 'sourceUrl']).where('sourceUrl', 'in', urls).execute()
  const ids = new Map(rows.map(({ id, sourceUrl }) => [sourceUrl, id]))
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
  return urls.flatMap((url) => ids.get(url) ?? [])
}
