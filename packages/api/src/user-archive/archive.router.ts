import { assertOwnOrAdmin } from '../auth/access.ts'
import { exampleIds } from '../example-ids.ts'
import { ownOrAdminReadProcedure } from '../trpc.ts'
import { UserId } from '../users/users.schema.ts'
import { ArchiveLine } from './archive.schema.ts'
import { archiveUser } from './archive.ts'

/** Beside those of `users/` in the router `users`. */
export const archiveProcedures = {
  export: ownOrAdminReadProcedure
    .meta({
      summary:
        'All that is kept of a user as one archive, for that user and admins: cards of every kind are in it, secrets of keys are not.',
      rest: ['GET /api/users/{id}/export'],
      example: { id: exampleIds.user },
      streams: ArchiveLine,
      streamedAs: 'lines',
    })
    .input(UserId)
    .query(({ ctx, input }) => {
      assertOwnOrAdmin(ctx.principal, input.id, 'id')
      return archiveUser(ctx.db, input.id)
    }),
}
