import { recordActOnOther } from '../audit/audit.ts'
import { assertOwnOrAdmin, ownerFor } from '../auth/access.ts'
import { isAdmin } from '../auth/principal.ts'

import { fieldError } from '../errors.ts'
import { exampleIds } from '../example-ids.ts'
import { safeName } from '../spool/spool.ts'
import { inTransaction } from '../transaction.ts'
import { anyWriteProcedure, ownOrAdminReadProcedure, ownOrAdminWriteProcedure, router } from '../trpc.ts'
import { spoolOf } from './import.job.ts'
import { beginImport, cancelImport, findSpooled } from './imports.commands.ts'
import { getImport, listImports } from './imports.queries.ts'
import { CreateImport, Import, ImportId, ImportPage, ListImports } from './imports.schema.ts'

export const importsRouter = router({
  create: anyWriteProcedure
    .meta({
      summary:
        'Takes in an archive, which is the body: an export, a zip, bookmarks, OPML, Markdown, up to 2 GiB. Answers 202 with the job that reads it.',
      rest: ['POST /api/imports'],
      example: { name: 'posts.jsonl', follow: false },
      receives: 'file',
      acceptedAt: ({ id }: { id: string }) => `/api/jobs/${id}`,
    })
    .input(CreateImport)
    .output(Import)
    .mutation(async ({ ctx, input }) => {
      const spool = spoolOf(ctx)
      if (ctx.upload === undefined) {
        throw fieldError('invalid_input', 'body', 'must be the file: send it to POST /api/imports')
      }
      const file = await spool.keep(ctx.upload, safeName(input.name ?? 'upload'))
      const by = { userId: ctx.principal.userId, mayRestore: isAdmin(ctx.principal) }
      return inTransaction(ctx.db, (trx) => beginImport(trx, file, { ...input, ...by }))
    }),

  list: ownOrAdminReadProcedure
    .meta({
      summary: "The caller's imports with their reports, newest first; to admins everyone's.",
      rest: ['GET /api/imports'],
      fromPrimary: true,
      example: { limit: 5 },
    })
    .input(ListImports)
    .output(ImportPage)
    .query(({ ctx, input }) => {
      const { userId = ownerFor(ctx.principal) } = input
      if (userId !== undefined) assertOwnOrAdmin(ctx.principal, userId)
      return listImports(ctx.db, { ...input, userId })
    }),

  byId: ownOrAdminReadProcedure
    .meta({
      summary: 'One import: how far it is, and at its end what came in, what was left out and why.',
      rest: ['GET /api/imports/{id}'],
      fromPrimary: true,
      example: { id: exampleIds.import },
    })
    .input(ImportId)
    .output(Import)
    .query(({ ctx, input }) => getImport(ctx.db, { ...input, userId: ownerFor(ctx.principal) })),

  cancel: ownOrAdminWriteProcedure
    .meta({
      summary: 'Stops an import, and deletes its file. What is in by then stays in.',
      rest: ['DELETE /api/imports/{id}'],
      example: { id: exampleIds.import },
    })
    .input(ImportId)
    .output(Import)
    .mutation(async ({ ctx, input }) => {
      const { cancelled, fileId } = await inTransaction(ctx.db, async (trx) => {
        const cancelled = await cancelImport(trx, { id: input.id, userId: ownerFor(ctx.principal) })
        await recordActOnOther(trx, ctx, cancelled.userId ?? '', { action: 'imports.cancel', target: cancelled.id })
        return { cancelled, fileId: await findSpooled(trx, input.id) }
      })
      if (fileId !== undefined) await ctx.spool?.remove(fileId)
      return cancelled
    }),
})
