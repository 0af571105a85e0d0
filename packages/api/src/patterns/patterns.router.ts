import { exampleIds } from '../example-ids.ts'
import { publicProcedure, router } from '../trpc.ts'
import { getPattern, getTimeline, listPatterns } from './patterns.queries.ts'
import { ListPatterns, Pattern, PatternId, PatternPage, PatternTimeline } from './patterns.schema.ts'
export const patternsRouter = router({
  list: publicProcedure
    .meta({
      summary: 'Patterns of an author, of a type or of all, newest or surest first.',
      rest: ['GET /api/patterns', 'GET /api/authors/{authorId}/patterns'],
      example: { authorId: exampleIds.author, limit: 5 },
    })
    .input(ListPatterns)
    .output(PatternPage)
    .query(({ ctx, input }) => listPatterns(ctx.db, input)),

  byId: publicProcedure
    .meta({
      summary: 'One pattern with its words in the contents that it was seen in.',
      rest: ['GET /api/patterns/{id}'],
      example: { id: exampleIds.pattern },
    })
    .input(PatternId)
    .output(Pattern)
    .query(({ ctx, input }) => getPattern(ctx.db, input.id)),

  timeline: publicProcedure
    .meta({
      summary: 'An idea’s life: the contents of a pattern by their age, with what each step added.',
      rest: ['GET /api/patterns/{id}/timeline'],
      example: { id: exampleIds.pattern },
    })
    .input(PatternId)
    .output(PatternTimeline)
    .query(({ ctx, input }) => getTimeline(ctx.db, input.id)),
})
