import { ownReadProcedure, router } from '../trpc.ts'
import { CollectionLine } from './archive.schema.ts'
import { exportCollection } from './export-collection.ts'

export const archivesRouter = router({
  export: ownReadProcedure
    .meta({
      summary:
        'All that the key’s user may see as one archive of one moment, for POST /api/imports of an empty server: contents with their passages and analysis, authors, patterns, sources, cards, attributions, and the user’s own private cards, research and subscriptions.',
      rest: ['GET /api/export'],
      streams: CollectionLine,
      streamedAs: 'lines',
    })
    .query(({ ctx }) => exportCollection(ctx, { userId: ctx.principal.userId })),
})
