import { adminProcedure, router } from '../trpc.ts'
import { listAuditLog } from './audit.queries.ts'
import { AuditLogPage, ListAuditLog } from './audit.schema.ts'

export const auditRouter = router({
  list: adminProcedure
    .meta({ summary: 'Who did what to what, and from where, newest first.', rest: ['GET /api/audit'] })
    .input(ListAuditLog)
    .output(AuditLogPage)
    .query(({ ctx, input }) => listAuditLog(ctx.db, input)),
})
