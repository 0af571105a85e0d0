import { recordActOnOther } from '../audit/audit.ts'
import { assertOwnOrAdmin } from '../auth/access.ts'
import { isAdmin, type Principal } from '../auth/principal.ts'
import { inTransaction } from '../transaction.ts'
import { ownOrAdminReadProcedure, ownOrAdminWriteProcedure, ownWriteProcedure, router } from '../trpc.ts'
import { insertSession, updateSession } from './research-sessions.commands.ts'
import { getResearchSession, listResearchSessions } from './research-sessions.queries.ts'
import {
  CreateSession,
  ListResearchSessions,
  ResearchSession,
  SessionId,
  SessionPage,
  UpdateSession,
} from './research-sessions.schema.ts'

/** The user whose sessions a caller may touch: the caller; for an admin undefined, which is anyone. */
const ownerFor = (principal: Principal) => (isAdmin(principal) ? undefined : principal.userId)

import { exampleIds } from '../example-ids.ts'
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
      summary: 'Begins a session.',
      rest: ['POST /api/research-sessions'],
      example: { name: 'Linters', brief: 'Who pays for them?', platforms: ['web'], keywords: ['sponsorship'] },
    })
    .input(CreateSession)
    .output(ResearchSession)
    .mutation(({ ctx, input }) => insertSession(ctx.db, ctx.principal.userId, input)),

  update: ownOrAdminWriteProcedure
    .meta({
      summary: 'Sets counts and outputs of a session in progress, or ends it.',
      rest: ['PATCH /api/research-sessions/{id}'],
      example: { id: exampleIds.researchSession, contentsFound: 12 },
    })
    .input(UpdateSession)
    .output(ResearchSession)
    .mutation(({ ctx, input }) =>
      inTransaction(ctx.db, async (trx) => {
        const session = await updateSession(trx, ownerFor(ctx.principal), input)
        const act = { action: 'researchSessions.update', target: session.id }
        await recordActOnOther(trx, ctx, session.userId, act)
        return session
      }),
    ),
})
