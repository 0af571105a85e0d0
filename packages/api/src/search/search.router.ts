import { publicProcedure } from '../trpc.ts'
import { searchPassages } from './rag.ts'
import { RagAnswer, RagQuery } from './search.schema.ts'

/** Beside those of `answer/` in the router `query`. */
export const searchProcedures = {
  rag: publicProcedure
    .meta({
      summary: 'The passages that answer a question best, by meaning and by word.',
      rest: ['GET /query/rag', 'POST /query/rag'],
      example: { prompt: 'why was incremental compilation disabled in Rust 1.52.1', nResults: 3 },
      readsByPost: true,
    })
    .input(RagQuery)
    .output(RagAnswer)
    .query(({ ctx, input }) => searchPassages(ctx, input)),
}
