import type { z } from 'zod'
import type { Principal } from '../auth/principal.ts'
import type { Context } from '../context.ts'
import { enqueue } from '../jobs/enqueue.ts'
import { whenEnded } from '../jobs/jobs.events.ts'
import { intakeOf } from '../looks/run-round.ts'
import { type LookResult, readJob, scrapeJob } from '../sources/look.job.ts'
import { addSource, readTarget } from '../sources/sources.commands.ts'
import { inTransaction } from '../transaction.ts'
import type { Scrape, Scraped } from './scrape.schema.ts'

/** How long a caller waits for what comes of it; then they get the job to look at. */
const defaultWaitMs = 20_000

/** Asks for a target, and waits a while for what comes of it. @throws AppError invalid_input */
export async function scrape(
  ctx: Context & { readonly principal: Principal },
  { platform, target: text, limit, html, follow }: z.output<typeof Scrape>,
): Promise<z.output<typeof Scraped>> {
  intakeOf(ctx)
  const target = readTarget(text, platform)
  const { userId } = ctx.principal
  const jobId = await inTransaction(ctx.db, async (trx) => {
    const source = follow
      ? await addSource(trx, userId, { target: text, platform, limit, intervalSeconds: null })
      : undefined
    // A new source is looked at by a job of its own, which is what its caller asked for, unless they brought the page.
    if (source?.jobId && html === undefined) return source.jobId
    const input = { target, sourceId: html === undefined ? (source?.id ?? null) : null, limit, html }
    // A video's transcript comes without its title, which is asked for.
    const job = html !== undefined && platform === 'web' ? readJob : scrapeJob
    return (await enqueue(trx, job, input, { userId })).id
  })
  const job = await whenEnded(ctx.db, jobId, { waitMs: ctx.scrapeWaitMs ?? defaultWaitMs, signal: ctx.signal })
  const said = { platform, target: target.key, job_id: jobId }
  const none = { ...said, count: 0, content_ids: [], outcome: null }
  if (job.status === 'queued' || job.status === 'running') {
    return { ...none, status: 'accepted', message: 'It is not over yet: its job says more.' }
  }
  if (job.status !== 'succeeded') {
    return { ...none, status: 'failed', outcome: 'failed', message: job.error ?? `The job was ${job.status}.` }
  }
  const { outcome, message, contentIds, rejected } = job.result as LookResult
  const isSound = outcome === 'ok' || outcome === 'unchanged' || outcome === 'empty'
  return {
    ...said,
    status: !isSound ? 'failed' : rejected.length > 0 ? 'partial' : 'success',
    count: contentIds.length,
    content_ids: [...contentIds],
    outcome: outcome as 'ok',
    message: [message, ...rejected].join(' '),
  }
}
