import type { Database } from '@extropy/db'
import { laneOf, type Round, type Target } from '@extropy/intake'
import { sql, type Transaction } from 'kysely'
import { z } from 'zod'
import { AppError } from '../errors.ts'
import { Id } from '../id.ts'
import { defineJob, type JobContext, JobError, JobLostError, JobPostponed } from '../jobs/define-job.ts'
import { type RoundReport, runRound } from '../looks/run-round.ts'
import { PlatformName } from '../platform.ts'
import { nextLook } from './schedule.ts'

const TargetInput = z.object({
  platform: PlatformName,
  kind: z.string(),
  key: z.string(),
  url: z.string(),
  label: z.string(),
})

const LookInput = z.object({
  target: TargetInput,
  sourceId: Id.nullable(),
  limit: z.number().int(),
  html: z.string().optional(),
})
type LookInput = z.output<typeof LookInput>

const lanes = ({ target }: LookInput) => ({ [`host:${laneOf(new URL(target.url))}`]: 1 })

/**
 * Looks wait for hosts, so that they never hold all places of a worker; and those whose time has come leave some to looks that
 * somebody waits for.
 */
const places = (leaving: number) => ({ group: 'looks', leaving })

/** Somebody asked for it, and waits for what comes of it. */
export const scrapeJob = defineJob({
  kind: 'scrape.fetch',
  seenBy: 'user',
  input: LookInput,
  subject: ({ target }) => target.label,
  concurrency: { ofUser: 4, lanes, ofWorker: places(2) },
  run: look,
})

/** A page that was handed over: no host is asked, so that no host's lane is waited for. */
export const readJob = defineJob({
  kind: 'scrape.read',
  seenBy: 'user',
  input: LookInput,
  subject: ({ target }) => target.label,
  concurrency: { ofUser: 4 },
  run: look,
})

/** A source's time has come. */
export const refreshJob = defineJob({
  kind: 'sources.refresh',
  seenBy: 'admins',
  input: LookInput,
  subject: ({ target }) => target.label,
  singletonKey: ({ target }) => `${target.platform} ${target.key}`,
  concurrency: { lanes, ofWorker: places(4) },
  run: look,
})

/** A look's result, as the job keeps it. */
export interface LookResult {
  readonly outcome: string
  readonly message: string
  readonly contentIds: readonly string[]
  readonly rejected: readonly string[]
  readonly feedUrl: string | null
}

/** A look that takes longer has failed. Shorter than the job's deadline, after which nothing could be written of it. */
export const longestLookMs = 8 * 60_000
/** A look whose host is known to be busy for longer gives its place to others. */
const longestFirstWaitMs = 5000

async function look(context: JobContext<LookInput>): Promise<LookResult> {
  const { target, sourceId, limit, html } = context.input
  const memory = sourceId === null ? {} : await readMemory(context, sourceId)
  const tooLong = AbortSignal.timeout(longestLookMs)
  const settle = (report: RoundReport) =>
    context.write(async (trx) => {
      await rememberLook(trx, target, report)
      if (sourceId !== null) await settleSource(trx, sourceId, report)
    })
  try {
    const looking = { ...context, signal: AbortSignal.any([context.signal, tooLong]) }
    const request = { target: target as Target, sourceId, limit, html, memory, longestFirstWaitMs }
    const report = await runRound(looking, request)
    await settle(report)
    const { round, contentIds, rejected } = report
    return {
      outcome: round.outcome,
      message: round.message,
      contentIds,
      rejected: rejected.slice(0, 20),
      feedUrl: round.feedUrl ?? null,
    }
  } catch (cause) {
    if (context.signal.aborted || saysItself(cause)) throw cause
    const message = tooLong.aborted ? `It took longer than ${longestLookMs / 60_000} minutes.` : brokenMessage
    // Where not even this can be written, the database is away, and the job is tried again.
    await settle(brokenReport(message, memory)).catch(() => {
      throw cause
    })
    // The source's own pauses say when its host is asked again, and not the queue's.
    throw new JobError(message, { retryMs: 'never', cause })
  }
}

const saysItself = (error: unknown) =>
  [JobError, JobLostError, JobPostponed, AppError].some((kind) => error instanceof kind)

const brokenMessage = 'Something went wrong on our side while this was taken in.'

function brokenReport(message: string, memory: Round['memory']): RoundReport {
  const round = { outcome: 'failed', message, articles: [], memory, pace: {} } as const
  return { round, requests: 0, movedTo: undefined, contentIds: [], stored: 0, rejected: [] }
}

async function readMemory({ deps: { db } }: JobContext, id: string): Promise<Record<string, string>> {
  const source = await db.selectFrom('sources').select('memory').where('id', '=', id).executeTakeFirst()
  return source?.memory ?? {}
}

/** A round that brought nothing to read, and said nothing of the source itself, counts as a failure; so does an absence. */
const failures: ReadonlySet<string> = new Set(['failed', 'blocked', 'gone', 'needs-js', 'paywalled'])

async function rememberLook(
  trx: Transaction<Database>,
  { platform, key }: LookInput['target'],
  { round: { outcome, message }, contentIds }: RoundReport,
): Promise<void> {
  // Nothing new is not nothing: what the look before met is still there.
  const met = outcome === 'unchanged' ? {} : { contentIds: [...contentIds] }
  const look = { outcome, message, lookedAt: sql<string>`now()`, ...met }
  await trx
    .insertInto('looks')
    .values({ platform, target: key, ...look })
    .onConflict((conflict) => conflict.columns(['platform', 'target']).doUpdateSet(look))
    .execute()
}

/** Writes down what a round has said of its source, and when to come again. A source that is gone by now stays gone. */
async function settleSource(
  trx: Transaction<Database>,
  id: string,
  { round, stored, movedTo }: RoundReport,
): Promise<void> {
  const source = await trx
    .selectFrom('sources')
    .select(['status', 'failures', 'absences', 'intervalSeconds', 'kind', 'platform', 'url'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  if (source === undefined) return
  const hasFailed = failures.has(round.outcome)
  const failed = hasFailed ? source.failures + 1 : 0
  const absences = round.outcome === 'gone' ? source.absences + 1 : hasFailed ? source.absences : 0
  const next = nextLook({
    round,
    failures: failed,
    absences,
    intervalSeconds: source.intervalSeconds,
    now: new Date(),
    random: Math.random(),
  })
  const isPaused = source.status === 'paused'
  const memory = nextMemory(source, round)
  await trx
    .updateTable('sources')
    .set({
      ...(isPaused ? {} : { status: next.status, nextAt: next.at.toISOString(), nextReason: next.reason }),
      failures: failed,
      absences,
      memory: JSON.stringify(memory) as never,
      lastOutcome: round.outcome,
      lastMessage: round.message,
      lastFetchedAt: sql<string>`now()`,
      ...(hasFailed ? {} : { lastOkAt: sql<string>`now()` }),
      ...(stored > 0 ? { lastNewAt: sql<string>`now()` } : {}),
      ...(round.title === undefined ? {} : { title: round.title }),
      ...(round.siteUrl === undefined ? {} : { siteUrl: round.siteUrl }),
      // The target keeps its name. Where nothing is to be had at the new address, the old one may still lead elsewhere.
      ...(movedTo === undefined || hasFailed ? {} : { url: movedTo }),
    })
    .where('id', '=', id)
    .execute()
}

/** A feed's address that no longer works is forgotten: the next look begins at the source's own, where a new one may be found. */
const lost: ReadonlySet<string> = new Set(['gone', 'blocked', 'failed'])

function nextMemory({ kind, platform, url }: Omit<Target, 'key' | 'label'>, round: Round) {
  const isFound = platform === 'web' || platform === 'rss'
  if (isFound && lost.has(round.outcome) && (round.memory.feedUrl ?? url) !== url) return {}
  const isFeed = kind === 'site' || kind === 'feed' || round.memory.feedUrl !== undefined
  return { ...round.memory, ...(isFeed && round.feedUrl !== undefined && { feedUrl: round.feedUrl }) }
}
