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
} from '@extropy/intake'
import type { Kysely } from 'kysely'
import type { Deps } from '../context.ts'
import { AppError } from '../errors.ts'
import type { JobContext } from '../jobs/define-job.ts'
import { type Stored, storeArticles } from './store-articles.ts'

export interface RoundRequest {
  readonly target: Target
  readonly sourceId: string | null
  readonly limit: number
  readonly html?: string | undefined
  readonly memory: Memory
  /** Requests that may be sent; the others are refused. Default: no limit but the adapter's own. */
  readonly mostRequests?: number | undefined
}

export interface RoundReport extends Stored {
  readonly round: Round
  readonly requests: number
}

/** A job's look at a target: whatever it asks is written down, whatever it brings is stored. */
export async function runRound(context: JobContext, request: RoundRequest): Promise<RoundReport> {
  const { target, limit, html, memory, mostRequests = Number.POSITIVE_INFINITY } = request
  const intake = intakeOf(context.deps)
  let requests = 0
  const tools: Tools = {
    readers: intake.readers,
    credentials: intake.credentials,
    known: (urls) => findKnownUrls(context.deps.db, urls),
    async visit(url, visit = {}) {
      if (requests >= mostRequests) return overBudget(url)
      requests++
      context.log(`asking ${url}`)
      const visited = await intake.visitor.visit(url, { ...visit, signal: context.signal })
      await writeDown(context, request, visited)
      return visited
    },
  }
  const adapter = platforms[target.platform]
  const round = await adapter.fetch(target, tools, { limit, html, memory })
  const stored = await storeArticles(context, round.articles, target)
  context.log(`${round.outcome}: ${round.message} ${stored.stored} new or changed.`)
  return { round, requests, ...stored }
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
        message: problem?.message ?? null,
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
