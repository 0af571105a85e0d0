import { adminProcedure, router } from '../trpc.ts'
import { listAuditLog } from './audit.queries.ts'
import { AuditLogPage, ListAuditLog } from './audit.schema.ts'

export const auditRouter = router({
  list: adminProcedure
    .meta({
      summary: 'The audit log: caller, action, target and address, newest first.',
      rest: ['GET /api/audit'],
      example: { limit: 5 },
    })
    .input(ListAuditLog)
    .output(AuditLogPage)
    .query(({ ctx, input }) => listAuditLog(ctx.db, input)),
})
