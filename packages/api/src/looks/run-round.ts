import type { Database } from '@extropy/db'
import {
  canonicalUrl,
  type Intake,
  type Memory,
  platforms,
  type Round,
  type Target,
  type Tools,
  type Visited,
  type VisitRequest,
} from '@extropy/intake'
import type { Kysely } from 'kysely'
import type { Deps } from '../context.ts'
import { AppError } from '../errors.ts'
import { type JobContext, JobPostponed } from '../jobs/define-job.ts'
import { storableText } from '../storable-text.ts'
import { type Stored, storeArticles } from './store-articles.ts'

export interface RoundRequest {
  readonly target: Target
  readonly sourceId: string | null
  readonly limit: number
  readonly html?: string | undefined
  readonly memory: Memory
  /** Requests that may be sent; the others are refused. Default: no limit but the adapter's own. */
  readonly mostRequests?: number | undefined
  /** Where nothing has been asked yet and the host's lane is known to be taken for longer, the job is postponed. Default: it waits. */
  readonly longestFirstWaitMs?: number | undefined
}

export interface RoundReport extends Stored {
  readonly round: Round
  readonly requests: number
  /** Where the target's own address leads for good; that of a feed that was found for it is in `round.feedUrl`. */
  readonly movedTo: string | undefined
}

/**
 * A job's look at a target: whatever it asks is written down, whatever it brings is stored.
 *
 * @throws JobPostponed
 */
export async function runRound(context: JobContext, request: RoundRequest): Promise<RoundReport> {
  const { target, limit, html, memory, mostRequests = Number.POSITIVE_INFINITY } = request
  const intake = intakeOf(context.deps)
  let requests = 0
  let movedTo: string | undefined
  const tools: Tools = {
    readers: intake.readers,
    credentials: intake.credentials,
    known: (urls) => findKnownUrls(context.deps.db, urls),
    async visit(url, visit = {}) {
      if (requests >= mostRequests) return overBudget(url)
      const isFirst = requests++ === 0
      context.log(`asking ${url}`)
      const ask = (more: VisitRequest = {}) => intake.visitor.visit(url, { ...visit, ...more, signal: context.signal })
      const early = isFirst ? await visitUnlessBusy(context, request, ask) : undefined
      const visited = early ?? (await ask())
      if (url === target.url) movedTo = visited.movedTo
      await writeDown(context, request, visited)
      return visited
    },
  }
  const adapter = platforms[target.platform]
  const round = storable(await adapter.fetch(target, tools, { limit, html, memory }))
  const stored = await storeArticles(context, round.articles, target)
  context.log(`${round.outcome}: ${round.message} ${stored.stored} new or changed.`)
  return { round, requests, movedTo, ...stored }
}

/** Longer waits are a host's own pauses, such as Retry-After: the look says so, and the source's next look heeds it. */
const longestPostponementMs = 5 * 60_000

/** Undefined where patience has run out although no long wait was known: whoever asks next may wait. @throws JobPostponed */
async function visitUnlessBusy(
  context: JobContext,
  request: RoundRequest,
  ask: (more: VisitRequest) => Promise<Visited>,
): Promise<Visited | undefined> {
  const { longestFirstWaitMs: maxWaitMs } = request
  if (maxWaitMs === undefined) return undefined
  const visited = await ask({ maxWaitMs })
  if (!('reason' in visited) || visited.reason !== 'lane-busy') return visited
  const { retryAfterMs = 0, message } = visited
  if (retryAfterMs > longestPostponementMs) return visited
  // Another host is the busy one: that which leads to it has been asked.
  if (visited.redirects.length > 0) await writeDown(context, request, visited)
  if (retryAfterMs > maxWaitMs) throw new JobPostponed(message, retryAfterMs)
  return undefined
}

/** What a stranger says of itself, as it can be kept: with a NUL in it, no look at its source would ever end. */
function storable(round: Round): Round {
  const { message, title, siteUrl, memory } = round
  return {
    ...round,
    message: storableText(message, 1000),
    title: title === undefined ? undefined : storableText(title, 500),
    siteUrl: siteUrl === undefined ? undefined : storableText(siteUrl, 2000),
    memory: Object.fromEntries(
      Object.entries(memory).map(([key, value]) => [key, value === undefined ? undefined : storableText(value)]),
    ),
  }
}

export function intakeOf({ intake }: Pick<Deps, 'intake'>): Intake {
  if (intake !== undefined) return intake
  throw new AppError('not_ready', 'This server fetches nothing.')
}

/** In a transaction of its own, before anything is made of it: nothing that was asked is left out of the log. */
async function writeDown(context: JobContext, { target, sourceId }: RoundRequest, visited: Visited): Promise<void> {
  const problem = 'reason' in visited ? visited : undefined
  await context.write((trx) =>
    trx
      .insertInto('fetches')
      .values({
        platform: target.platform,
        sourceId,
        jobId: context.id,
        target: target.key,
        url: visited.requestedUrl,
        finalUrl: visited.url,
        redirects: JSON.stringify(visited.redirects.map(({ from, to, status }) => ({ from, to, status }))) as never,
        outcome: visited.outcome,
        reason: problem?.reason ?? null,
        message: problem === undefined ? null : storableText(problem.message),
        httpStatus: visited.status ?? null,
        robots: robotsOf(visited),
        wireBytes: visited.wireBytes,
        totalMs: visited.timings.totalMs,
        waitedMs: visited.waitedMs,
      })
      .execute(),
  )
}

function robotsOf({ robotsVerdict }: Visited): string | null {
  if (robotsVerdict === undefined) return null
  if (robotsVerdict.allowed) return robotsVerdict.basis === 'no-rules' ? 'no rules' : 'allowed'
  return robotsVerdict.basis === 'unreadable' ? 'unreadable' : 'disallowed'
}

/** Contents, and other addresses of contents. */
async function findKnownUrls(db: Kysely<Database>, urls: readonly string[]): Promise<Set<string>> {
  if (urls.length === 0) return new Set()
  const asked = new Map(urls.map((url) => [canonicalUrl(url) ?? url, url]))
  const all = [...new Set([...asked.keys(), ...urls])]
  const [contents, aliases] = await Promise.all([
    db.selectFrom('contents').select('sourceUrl as url').where('sourceUrl', 'in', all).execute(),
    db.selectFrom('contentAliases').select('url').where('url', 'in', all).where('isUndone', '=', false).execute(),
  ])
  return new Set([...contents, ...aliases].map(({ url }) => asked.get(url) ?? url))
}

function overBudget(url: string): Visited {
  return {
    outcome: 'refused',
    reason: 'over-budget',
    message: 'The budget of requests is used up.',
    requestedUrl: url,
    url,
    redirects: [],
    timings: { totalMs: 0 },
    wireBytes: 0,
    waitedMs: 0,
  }
}
