import { recordActOnOther } from '../audit/audit.ts'
import { assertOwnOrAdmin, ownerFor } from '../auth/access.ts'
import type { Principal } from '../auth/principal.ts'
import type { Context } from '../context.ts'
import { exampleIds } from '../example-ids.ts'
import { openStream } from '../long-streams.ts'
import { inTransaction } from '../transaction.ts'
import { ownOrAdminReadProcedure, ownOrAdminWriteProcedure, router } from '../trpc.ts'
import { cancelJob, retryJob } from './jobs.commands.ts'
import { followJob } from './jobs.events.ts'
import { getJob, listJobs } from './jobs.queries.ts'
import { FollowJob, Job, JobEvent, JobId, JobPage, ListJobs } from './jobs.schema.ts'

type Caller = Context & { readonly principal: Principal }

const act = (ctx: Caller, action: string, change: typeof cancelJob, id: string) =>
  inTransaction(ctx.db, async (trx) => {
    const job = await change(trx, { id, userId: ownerFor(ctx.principal) })
    await recordActOnOther(trx, ctx, job.userId ?? '', { action, target: job.id })
    return job
  })

export const jobsRouter = router({
  list: ownOrAdminReadProcedure
    .meta({
      summary: "The caller's jobs, newest first; to admins everyone's.",
      rest: ['GET /api/jobs'],
      fromPrimary: true,
      example: { limit: 5 },
    })
    .input(ListJobs)
    .output(JobPage)
    .query(({ ctx, input }) => {
      const { userId = ownerFor(ctx.principal) } = input
      if (userId !== undefined) assertOwnOrAdmin(ctx.principal, userId)
      return listJobs(ctx.db, { ...input, userId })
    }),

  byId: ownOrAdminReadProcedure
    .meta({
      summary: 'One job: its state, how far it is, how long it will still take, its last log lines.',
      rest: ['GET /api/jobs/{id}'],
      fromPrimary: true,
      example: { id: exampleIds.job },
    })
    .input(JobId)
    .output(Job)
    .query(({ ctx, input }) => getJob(ctx.db, { ...input, userId: ownerFor(ctx.principal) })),

  events: ownOrAdminReadProcedure
    .meta({
      summary: 'The job again whenever it changes, until it has ended.',
      rest: ['GET /api/jobs/{id}/events'],
      example: { id: exampleIds.job },
      streams: JobEvent,
    })
    .input(FollowJob)
    .query(({ ctx, input: { id, lastEventId }, signal = new AbortController().signal }) =>
      openStream(ctx, (mayGoOn) =>
        followJob(
          ctx.db,
          { id, userId: ownerFor(ctx.principal) },
          { lastEventId, signal: ctx.signal ?? signal, isStopping: ctx.isStopping, mayGoOn },
        ),
      ),
    ),

  cancel: ownOrAdminWriteProcedure
    .meta({
      summary: 'Cancels a job: at once where it waits; a running one stops, and writes nothing more.',
      rest: ['POST /api/jobs/{id}/cancel'],
      example: { id: exampleIds.job },
    })
    .input(JobId)
    .output(Job)
    .mutation(({ ctx, input }) => act(ctx, 'jobs.cancel', cancelJob, input.id)),

  retry: ownOrAdminWriteProcedure
    .meta({
      summary: 'Runs a job again that failed, died or was cancelled; its finished steps are not repeated.',
      rest: ['POST /api/jobs/{id}/retry'],
      example: { id: exampleIds.job },
    })
    .input(JobId)
    .output(Job)
    .mutation(({ ctx, input }) => act(ctx, 'jobs.retry', retryJob, input.id)),
})
