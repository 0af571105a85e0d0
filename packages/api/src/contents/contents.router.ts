import { exampleIds } from '../example-ids.ts'
import { publicProcedure, router } from '../trpc.ts'
import { getContent, listContents } from './contents.queries.ts'
import { Content, ContentId, ContentPage, ListContents, SimilarAnswer, SimilarQuery } from './contents.schema.ts'
import { findSimilar } from './similar.ts'
export const contentsRouter = router({
  list: publicProcedure
    .meta({
      summary: 'Contents, newest first by the time of their ingest.',
      rest: ['GET /api/contents'],
      example: { limit: 5 },
    })
    .input(ListContents)
    .output(ContentPage)
    .query(({ ctx, input }) => listContents(ctx.db, input)),

  byId: publicProcedure
    .meta({
      summary: 'One content with its body and its authors.',
      rest: ['GET /api/contents/{id}'],
      example: { id: exampleIds.content },
    })
    .input(ContentId)
    .output(Content)
    .query(({ ctx, input }) => getContent(ctx.db, input.id)),

  similar: publicProcedure
    .meta({
      summary: 'The contents most like one, by meaning and by its telling words.',
      rest: ['GET /api/contents/{id}/similar'],
      example: { id: exampleIds.content, limit: 5 },
    })
    .input(SimilarQuery)
    .output(SimilarAnswer)
    .query(({ ctx, input }) => findSimilar(ctx, input)),
})
