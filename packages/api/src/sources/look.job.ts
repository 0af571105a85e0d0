import type { Database } from '@extropy/db'
import { laneOf, type Target } from '@extropy/intake'
import { sql, type Transaction } from 'kysely'
import { z } from 'zod'
import { Id } from '../id.ts'
import { defineJob, type JobContext } from '../jobs/define-job.ts'
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

/** Somebody asked for it, and waits for what comes of it. */
export const scrapeJob = defineJob({
  kind: 'scrape.fetch',
  seenBy: 'user',
  input: LookInput,
  subject: ({ target }) => target.label,
  concurrency: { ofUser: 4, lanes },
  run: look,
})

/** A source's time has come. */
export const refreshJob = defineJob({
  kind: 'sources.refresh',
  seenBy: 'admins',
  input: LookInput,
  subject: ({ target }) => target.label,
  singletonKey: ({ target }) => `${target.platform} ${target.key}`,
  concurrency: { lanes },
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

async function look(context: JobContext<LookInput>): Promise<LookResult> {
  const { target, sourceId, limit, html } = context.input
  const memory = sourceId === null ? {} : await readMemory(context, sourceId)
  const report = await runRound(context, { target: target as Target, sourceId, limit, html, memory })
  const { round, contentIds, rejected } = report
  await context.write(async (trx) => {
    await rememberLook(trx, target, report)
    if (sourceId !== null) await settleSource(trx, sourceId, report)
  })
  return {
    outcome: round.outcome,
    message: round.message,
    contentIds,
    rejected: rejected.slice(0, 20),
    feedUrl: round.feedUrl ?? null,
  }
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
async function settleSource(trx: Transaction<Database>, id: string, { round, stored }: RoundReport): Promise<void> {
  const source = await trx
    .selectFrom('sources')
    .select(['status', 'failures', 'absences', 'intervalSeconds', 'kind', 'platform'])
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
  const isFeed = source.kind === 'site' || source.kind === 'feed' || round.memory.feedUrl !== undefined
  const memory = { ...round.memory, ...(isFeed && round.feedUrl !== undefined && { feedUrl: round.feedUrl }) }
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
      ...(round.title === undefined ? {} : { title: round.title.slice(0, 500) }),
      ...(round.siteUrl === undefined ? {} : { siteUrl: round.siteUrl.slice(0, 2000) }),
      // The permanent new address of a page or a feed; the target keeps its name.
      ...(round.movedTo === undefined ? {} : { url: round.movedTo }),
    })
    .where('id', '=', id)
    .execute()
}
