import { type Database, rawRead, rawWrite } from '@extropy/db'
import { ArchiveError, type ArchiveFeed, TargetError } from '@extropy/intake'
import { type Kysely, sql, type Transaction } from 'kysely'
import { z } from 'zod'
import { CollectionError, isCollection } from '../collection-archive/read-collection.ts'
import { restoreCollection } from '../collection-archive/restore-collection.ts'
import { AppError } from '../errors.ts'
import { analyzeContents } from '../ingest/ingest.queries.ts'
import { defineJob, type JobContext, JobError } from '../jobs/define-job.ts'
import { addSubscription, spreadMs } from '../sources/opml.ts'
import type { Spool } from '../spool/spool.ts'
import { countArchive, mostProblems, shortened } from './count-archive.ts'
import type { ImportReport } from './imports.schema.ts'
import { type ArchiveProgress, noProgress, storeArchive } from './store-archive.ts'

const options = {
  follow: z.boolean(),
  author: z.string().optional(),
  siteUrl: z.string().optional(),
  includePrivate: z.boolean(),
}

const ImportInput = z.object({
  file: z.object({ id: z.string(), name: z.string(), bytes: z.number(), host: z.string() }),
  ...options,
  /** Whether it may bring other users' accounts and cards. */
  mayRestore: z.boolean().default(false),
})

const LocalImportInput = z.object({ path: z.string(), ...options })

/** Millions of posts take hours. */
const deadlineMs = 24 * 3600 * 1000
/** A killed run counts as one; and so does each of a worker that does not see the file. */
const retry = { runs: 10 }
const otherWorkerMs = 5000

/** An upload, from the spool. */
export const importJob = defineJob({
  kind: 'imports.run',
  seenBy: 'user',
  input: ImportInput,
  subject: ({ file }) => file.name.replace(/^import\//, ''),
  concurrency: { ofKind: 2, ofUser: 1 },
  deadlineMs,
  retry,
  async run(context) {
    const { file, ...rest } = context.input
    const spool = spoolOf(context.deps)
    const report = await context.checkpoint('report', async () => {
      const path = await spool.find(file)
      if (path === undefined) throw notHere(file.host, context)
      return importFile(context, path, rest).catch(async (error) => {
        if (isFinal(error)) await spool.remove(file.id)
        throw error
      })
    })
    await spool.remove(file.id)
    return report
  },
})

/** A file of the machine that `pnpm run import` runs on: only that command runs it, and goes on with it when it is called again. */
export const localImportJob = defineJob({
  kind: 'imports.local',
  seenBy: 'admins',
  input: LocalImportInput,
  subject: ({ path }) => path.slice(-200),
  singletonKey: ({ path }) => path,
  concurrency: { ofKind: 1 },
  deadlineMs,
  retry,
  run: (context) => importFile(context, context.input.path, { ...context.input, mayRestore: true }),
})

/** Files whose import is over: cancelled where this server did not see it, dead, or never begun. */
const keepMs = 24 * 3600 * 1000

export const pruneSpoolJob = defineJob({
  kind: 'imports.prune',
  seenBy: 'admins',
  input: z.strictObject({}),
  everyMs: 3600 * 1000,
  async run({ deps }) {
    const { spool } = deps
    if (spool === undefined) return { removed: 0 }
    const old = await spool.listOld(keepMs)
    const { rows } = await rawRead(
      ['jobs'],
      sql<{ id: string }>`
      select input->'file'->>'id' as id from jobs where kind = ${importJob.kind} and status in ('queued', 'running')`,
    ).execute(deps.db)
    const wanted = new Set(rows.map(({ id }) => id))
    const removed = old.filter((id) => !wanted.has(id))
    for (const id of removed) await spool.remove(id)
    return { removed: removed.length }
  },
})

export function spoolOf({ spool }: { readonly spool?: Spool | undefined }): Spool {
  if (spool !== undefined) return spool
  throw new AppError('not_ready', 'This server takes no archives.')
}

function notHere(host: string, { deps }: Pick<JobContext, 'deps'>): JobError {
  const isOther = spoolOf(deps).host !== host
  return new JobError(
    isOther
      ? 'The file is not in the IMPORT_DIR of the worker that looked for it: servers and workers must share that folder.'
      : 'The file is no longer there: send it again.',
    { retryMs: isOther ? otherWorkerMs : 'never' },
  )
}

const isFinal = (error: unknown) => error instanceof JobError && error.retryMs === 'never'

type Options = Pick<z.output<typeof ImportInput>, keyof typeof options | 'mayRestore'>

/** What is kept of a run beside its position, for the run after it. */
interface Kept {
  readonly progress: ArchiveProgress
  readonly rejections: readonly string[]
  readonly feeds: { readonly added: number; readonly known: number; readonly refused: number }
}

async function importFile(context: JobContext, path: string, options: Options): Promise<ImportReport> {
  if (await isCollection(path)) return importCollection(context, path, options)
  const { follow, author, siteUrl, includePrivate } = options
  const { signal, userId } = context
  const archive = { includePrivate, signal, ...(author && { author }), ...(siteUrl && { siteUrl }) }
  try {
    context.log('counting what there is')
    const { totals, problems } = await context.checkpoint('count', () => countArchive(path, archive))
    const total = totals.items + totals.feeds
    const rejections: string[] = []
    let kept = (await recall(context.deps.db, context.id)) ?? {
      progress: noProgress,
      rejections,
      feeds: { added: 0, known: 0, refused: 0 },
    }
    if (kept.progress.position !== undefined) context.log(`going on behind ${doneOf(kept)} of ${total}`)
    rejections.push(...kept.rejections)
    context.progress(doneOf(kept), total)
    await storeArchive(context, path, {
      archive,
      from: kept.progress,
      onReject({ line, field, reason }) {
        if (rejections.length < mostProblems) rejections.push(shortened(`${line.place}: ${field} ${reason}`))
      },
      async onBatch(trx, { feeds, progress }) {
        const followed = await followAll(trx, feeds, { follow, userId, before: kept.feeds })
        const next = { progress, rejections: [...rejections], feeds: followed }
        await remember(trx, context.id, next)
        kept = next
      },
      onProgress: () => context.progress(doneOf(kept), total),
    })
    const { created, changed, unchanged, rejected } = kept.progress
    return {
      formats: [...totals.formats],
      new: created,
      changed,
      unchanged,
      rejected,
      skipped: totals.skipped,
      problemCount: totals.problems + rejected,
      problems: [...problems, ...kept.rejections].slice(0, mostProblems),
      feeds: { found: totals.feeds, ...(follow ? kept.feeds : { added: 0, known: 0, refused: 0 }) },
    }
  } catch (error) {
    if (error instanceof ArchiveError) {
      throw new JobError(`The archive ${error.message}.`, { retryMs: 'never', cause: error })
    }
    throw error
  }
}

/** Another server's archive: a file is read to its end before its first row is in, and all rows go in together. */
async function importCollection(
  context: JobContext,
  path: string,
  { follow, mayRestore }: Options,
): Promise<ImportReport> {
  const { signal } = context
  try {
    if (!mayRestore) throw new CollectionError('is of a whole server: only admins may import it')
    const restored = await context.writeOnce('restored', (trx) => restoreCollection(trx, path, { follow, signal }))
    await analyzeContents(context.deps.db)
    const { contents, sources } = restored
    const feeds = { found: sources, added: follow ? sources : 0, known: 0, refused: 0 }
    const none = { changed: 0, unchanged: 0, rejected: 0, skipped: {}, problemCount: 0, problems: [] }
    return { formats: ['extropy'], new: contents, ...none, feeds }
  } catch (error) {
    if (!(error instanceof CollectionError)) throw error
    throw new JobError(`The archive ${error.message}.`, { retryMs: 'never', cause: error })
  }
}

const doneOf = ({ progress, feeds }: Kept) =>
  progress.created +
  progress.changed +
  progress.unchanged +
  progress.rejected +
  feeds.added +
  feeds.known +
  feeds.refused

interface FollowOptions {
  readonly follow: boolean
  readonly userId: string | null
  readonly before: Kept['feeds']
}

/** Where they are not to be followed, they count as known: nothing is done with them. */
async function followAll(trx: Transaction<Database>, feeds: readonly ArchiveFeed[], options: FollowOptions) {
  const { follow, userId, before } = options
  const counts = { ...before }
  if (!follow) return { ...counts, known: counts.known + feeds.length }
  for (const { feedUrl, title, folder } of feeds) {
    const nextAt = new Date(Date.now() + (counts.added + 1) * spreadMs)
    const subscription = { url: feedUrl, folders: folder, ...(title === undefined ? {} : { title }) }
    const outcome = await addSubscription(trx, subscription, { userId, nextAt }).catch((error) => {
      if (!(error instanceof TargetError)) throw error
      return 'refused' as const
    })
    counts[outcome]++
  }
  return counts
}

/** In the transaction of the batch itself: a run after it neither repeats nor misses one. */
async function remember(trx: Transaction<Database>, jobId: string, kept: Kept): Promise<void> {
  await rawWrite(
    ['jobCheckpoints'],
    sql`insert into job_checkpoints (job_id, name, result) values (${jobId}, 'position', ${JSON.stringify(kept)}::jsonb)
      on conflict (job_id, name) do update set result = excluded.result`,
  ).execute(trx)
}

async function recall(db: Kysely<Database>, jobId: string): Promise<Kept | undefined> {
  const row = await db
    .selectFrom('jobCheckpoints')
    .select('result')
    .where('jobId', '=', jobId)
    .where('name', '=', 'position')
    .executeTakeFirst()
  return row?.result as Kept | undefined
}
