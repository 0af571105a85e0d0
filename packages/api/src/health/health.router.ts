import { recordAct } from '../audit/audit.ts'
import { adminProcedure, publicProcedure, router, viewerProcedure } from '../trpc.ts'
import { checkReadiness, estimateContents } from './health.queries.ts'
import { CleanedUp, Cleared, Health, Liveness, Performance, Readiness } from './health.schema.ts'
import { readPerformance } from './performance.ts'

export const healthRouter = router({
  check: publicProcedure
    .meta({
      summary: 'Whether the service and its database answer. 503 where the database does not, within two seconds.',
      rest: ['GET /health'],
      fromPrimary: true,
    })
    .output(Health)
    .query(async ({ ctx }) => ({
      status: 'ok' as const,
      version: ctx.version,
      contents: await estimateContents(ctx.db),
      countsAreEstimates: true as const,
    })),

  live: publicProcedure
    .meta({
      summary: 'Whether this process runs. Contacts no other service.',
      rest: ['GET /health/live'],
      fromPrimary: true,
    })
    .output(Liveness)
    .query(() => ({ status: 'ok' as const, uptimeSeconds: Math.round(process.uptime()) })),

  ready: publicProcedure
    .meta({
      summary:
        'Whether this server may be sent requests: the database answers, takes writes, has room on its disk, is migrated and has no INVALID index; Redis, where configured, answers; the server is not about to stop. 503 names the failing check.',
      rest: ['GET /health/ready'],
      fromPrimary: true,
    })
    .output(Readiness)
    .query(({ ctx }) => checkReadiness(ctx)),

  performance: viewerProcedure
    .meta({
      summary: 'Cache, connections and latencies; with an admin key also statements, indexes and tables.',
      rest: ['GET /health/performance'],
      fromPrimary: true,
    })
    .output(Performance)
    .query(({ ctx }) => readPerformance(ctx)),

  // Both acts come before their audit line, which says how many entries went: a cache that is emptied and a line that
  // could not be written is the lesser evil than the other way round.
  clearCache: adminProcedure
    .meta({ summary: 'Forgets every cached answer, on all servers.', rest: ['POST /health/cache/clear'] })
    .output(Cleared)
    .mutation(async ({ ctx }) => {
      const cleared = await ctx.cache.clear()
      await recordAct(ctx.db, ctx, { action: 'health.clearCache', target: 'cache', details: { cleared } })
      return { cleared }
    }),

  cleanupCache: adminProcedure
    .meta({
      summary: "Frees this server's memory of entries that can never be served again.",
      rest: ['POST /health/cache/cleanup'],
    })
    .output(CleanedUp)
    .mutation(async ({ ctx }) => {
      const removed = ctx.cache.purgeExpired()
      await recordAct(ctx.db, ctx, { action: 'health.cleanupCache', target: 'cache', details: { removed } })
      return { removed }
    }),
})
