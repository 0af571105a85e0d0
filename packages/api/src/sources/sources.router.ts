import { recordActOnOther } from '../audit/audit.ts'
import { assertOwnOrAdmin } from '../auth/access.ts'
import type { Principal } from '../auth/principal.ts'
import type { Context } from '../context.ts'
import { exampleIds } from '../example-ids.ts'
import { getJob } from '../jobs/jobs.queries.ts'
import { Job } from '../jobs/jobs.schema.ts'
import { intakeOf } from '../looks/run-round.ts'
import { inTransaction } from '../transaction.ts'
import { anyReadProcedure, anyWriteProcedure, ownOrAdminWriteProcedure, router } from '../trpc.ts'
import { exportOpml, importOpml } from './opml.ts'
import { addSource, refreshSource, removeSource, updateSource } from './sources.commands.ts'
import { getSource, listFetches, listSources } from './sources.queries.ts'
import {
  AddedSource,
  AddSource,
  FetchPage,
  ImportedOpml,
  ImportOpml,
  ListFetches,
  ListSources,
  Opml,
  Source,
  SourceId,
  SourcePage,
  UpdateSource,
} from './sources.schema.ts'

type Caller = Context & { readonly principal: Principal }

/** A source is everybody's to read; whoever added it, and admins, may change it. */
const act = <Input extends { readonly id: string }, Result>(
  ctx: Caller,
  action: string,
  input: Input,
  change: (trx: Parameters<typeof removeSource>[0], input: Input) => Promise<Result>,
) =>
  inTransaction(ctx.db, async (trx) => {
    const { addedBy } = await getSource(trx, input.id)
    assertOwnOrAdmin(ctx.principal, addedBy ?? '', 'id')
    const result = await change(trx, input)
    await recordActOnOther(trx, ctx, addedBy ?? '', { action, target: input.id })
    return result
  })

export const sourcesRouter = router({
  list: anyReadProcedure
    .meta({
      summary: 'Things that are kept up with, newest first, each with when it is looked at next and why.',
      rest: ['GET /api/sources'],
      example: { limit: 5 },
    })
    .input(ListSources)
    .output(SourcePage)
    .query(({ ctx, input }) => listSources(ctx.db, input)),

  opml: anyReadProcedure
    .meta({ summary: 'All sources as an OPML file, for other readers.', rest: ['GET /api/sources/opml'] })
    .output(Opml)
    .query(async ({ ctx }) => ({ opml: await exportOpml(ctx.db) })),

  byId: anyReadProcedure
    .meta({ summary: 'One source.', rest: ['GET /api/sources/{id}'], example: { id: exampleIds.source } })
    .input(SourceId)
    .output(Source)
    .query(({ ctx, input }) => getSource(ctx.db, input.id)),

  fetches: anyReadProcedure
    .meta({
      summary: 'Every request that was sent for a source, newest first, with what came of it.',
      rest: ['GET /api/sources/{id}/fetches'],
      example: { id: exampleIds.source },
    })
    .input(ListFetches)
    .output(FetchPage)
    .query(async ({ ctx, input }) => {
      await getSource(ctx.db, input.id)
      return listFetches(ctx.db, input)
    }),

  create: anyWriteProcedure
    .meta({
      summary: 'Follows a feed, a site, a channel or a profile. What is followed already stays as it is.',
      rest: ['POST /api/sources'],
      example: { target: 'https://example.org/blog' },
    })
    .input(AddSource)
    .output(AddedSource)
    .mutation(({ ctx, input }) => inTransaction(ctx.db, (trx) => addSource(trx, ctx.principal.userId, input))),

  importOpml: anyWriteProcedure
    .meta({
      summary: 'Follows every feed of an OPML file.',
      rest: ['POST /api/sources/opml'],
      example: {
        opml: '<opml version="2.0"><body><outline type="rss" text="A" xmlUrl="https://example.org/feed.xml"/></body></opml>',
      },
    })
    .input(ImportOpml)
    .output(ImportedOpml)
    .mutation(({ ctx, input }) =>
      importOpml(ctx.db, intakeOf(ctx), { opml: input.opml, userId: ctx.principal.userId }),
    ),

  refresh: anyWriteProcedure
    .meta({
      summary: 'Looks at a source now; answers with the job that does it.',
      rest: ['POST /api/sources/{id}/refresh'],
      example: { id: exampleIds.source },
    })
    .input(SourceId)
    .output(Job)
    .mutation(async ({ ctx, input }) => {
      const job = await inTransaction(ctx.db, (trx) => refreshSource(trx, ctx.principal.userId, input.id))
      return getJob(ctx.db, { id: job.id, userId: ctx.principal.userId })
    }),

  update: ownOrAdminWriteProcedure
    .meta({
      summary: 'Pauses a source, lets it go on, or sets its interval or limit.',
      rest: ['PATCH /api/sources/{id}'],
      example: { id: exampleIds.source, intervalSeconds: 3600 },
    })
    .input(UpdateSource)
    .output(Source)
    .mutation(({ ctx, input }) => act(ctx, 'sources.update', input, updateSource)),

  delete: ownOrAdminWriteProcedure
    .meta({
      summary: 'Stops following a source. Its contents and its log stay.',
      rest: ['DELETE /api/sources/{id}'],
      example: { id: exampleIds.source },
    })
    .input(SourceId)
    .output(Source)
    .mutation(({ ctx, input }) => act(ctx, 'sources.delete', input, (trx, { id }) => removeSource(trx, id))),
})
