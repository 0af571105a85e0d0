import { sql } from 'kysely'
import { z } from 'zod'
import { publicProcedure, router } from '../trpc.ts'

const Health = z.object({
  status: z.literal('ok'),
  version: z.string(),
  contents: z.number().int().describe("PostgreSQL's own estimate, brought up to date by autovacuum and ANALYZE"),
})

export const healthRouter = router({
  check: publicProcedure
    .meta({
      summary: 'Whether the service and its database answer. 503 where the database does not.',
      rest: ['GET /health'],
    })
    .output(Health)
    .query(async ({ ctx }) => {
      const { rows } = await sql<{ contents: number }>`
        select greatest(reltuples, 0)::int as contents from pg_class where oid = 'contents'::regclass`.execute(ctx.db)
      return { status: 'ok' as const, version: ctx.version, contents: rows[0]?.contents ?? 0 }
    }),
})
