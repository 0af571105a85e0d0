import type { WriterError } from '../language-model/writer.ts'
import { publicProcedure } from '../trpc.ts'
import { AnswerEvent, Question } from './answer.schema.ts'
import { answerQuestion } from './answer.ts'

/** Beside those of `search/` in the router `query`. */
export const answerProcedures = {
  answer: publicProcedure
    .meta({
      summary:
        'An answer from the passages that a search finds, streamed sentence by sentence, each with its citations.',
      rest: ['GET /query/answer', 'POST /query/answer'],
      example: { prompt: 'why was incremental compilation disabled in Rust 1.52.1' },
      streams: AnswerEvent,
    })
    .input(Question)
    .query(({ ctx, input, signal = new AbortController().signal, path }) => {
      const onWriterError = (error: WriterError) => ctx.onInternalError(error, path)
      // The request's own signal says why it aborted; tRPC's does not.
      return answerQuestion(ctx, input, { signal: ctx.signal ?? signal, onWriterError })
    }),
}
