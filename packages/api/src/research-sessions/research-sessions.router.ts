import { recordActOnOther } from '../audit/audit.ts'
import { assertOwnOrAdmin, ownerFor } from '../auth/access.ts'
import type { Principal } from '../auth/principal.ts'
import type { Context } from '../context.ts'
import { exampleIds } from '../example-ids.ts'
import { inTransaction } from '../transaction.ts'
import { ownOrAdminReadProcedure, ownOrAdminWriteProcedure, ownWriteProcedure, router } from '../trpc.ts'
import { beginSession, cancelSession, rerunSession } from './research-sessions.commands.ts'
import { getResearchSession, listResearchSessions } from './research-sessions.queries.ts'
import {
  CreateSession,
  ListResearchSessions,
  ResearchSession,
  SessionId,
  SessionPage,
} from './research-sessions.schema.ts'

type Caller = Context & { readonly principal: Principal }

const act = (ctx: Caller, action: string, change: typeof cancelSession, id: string) =>
  inTransaction(ctx.db, async (trx) => {
    const session = await change(trx, { id, userId: ownerFor(ctx.principal) })
    await recordActOnOther(trx, ctx, session.userId, { action, target: session.id })
    return session
  })

export const researchSessionsRouter = router({
  list: ownOrAdminReadProcedure
    .meta({
      summary: 'Research sessions, newest first, of one status or of all.',
      rest: ['GET /api/research-sessions'],
      example: { limit: 5 },
    })
    .input(ListResearchSessions)
    .output(SessionPage)
    .query(({ ctx, input }) => {
      const { userId = ctx.principal.userId } = input
      assertOwnOrAdmin(ctx.principal, userId)
      return listResearchSessions(ctx.db, { ...input, userId })
    }),

  byId: ownOrAdminReadProcedure
    .meta({
      summary: 'One session with its brief and its outputs.',
      rest: ['GET /api/research-sessions/{id}'],
      example: { id: exampleIds.researchSession },
    })
    .input(SessionId)
    .output(ResearchSession)
    .query(({ ctx, input }) => getResearchSession(ctx.db, { ...input, userId: ownerFor(ctx.principal) })),

  create: ownWriteProcedure
    .meta({
      summary:
        'Begins a session: a job that looks for answers in the collection and in the sources named, and reports.',
      rest: ['POST /api/research-sessions'],
      example: { name: 'Linters', brief: 'Who pays for ESLint?', keywords: ['sponsorship'] },
    })
    .input(CreateSession)
    .output(ResearchSession)
    .mutation(({ ctx, input }) => inTransaction(ctx.db, (trx) => beginSession(trx, ctx.principal.userId, input))),

  rerun: ownOrAdminWriteProcedure
    .meta({
      summary: 'Runs a session that has ended once more: only what has changed since changes in its report.',
      rest: ['POST /api/research-sessions/{id}/rerun'],
      example: { id: exampleIds.researchSession },
    })
    .input(SessionId)
    .output(ResearchSession)
    .mutation(({ ctx, input }) => act(ctx, 'researchSessions.rerun', rerunSession, input.id)),

  cancel: ownOrAdminWriteProcedure
    .meta({
      summary: 'Stops a session in progress for good; its finished steps stay in its outputs.',
      rest: ['POST /api/research-sessions/{id}/cancel'],
      example: { id: exampleIds.researchSession },
    })
    .input(SessionId)
    .output(ResearchSession)
    .mutation(({ ctx, input }) => act(ctx, 'researchSessions.cancel', cancelSession, input.id)),
})
