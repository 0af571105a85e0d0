import { AnswerEvent, AnswerQuery } from '../answer/answer.schema.ts'
import { answerQuestion } from '../answer/answer.ts'
import type { WriterError } from '../answer/writer.ts'
import { publicProcedure, router } from '../trpc.ts'
import { RagAnswer, RagQuery } from './query.schema.ts'
import { answerRag } from './rag.ts'

export const queryRouter = router({
  rag: publicProcedure
    .meta({
      summary: 'The passages that answer a question best, by meaning and by word.',
      rest: ['GET /query/rag', 'POST /query/rag'],
    })
    .input(RagQuery)
    .output(RagAnswer)
    .query(({ ctx, input }) => answerRag(ctx, input)),

  answer: publicProcedure
    .meta({
      summary:
        'An answer from the passages that a search finds, streamed sentence by sentence, each with its citations.',
      rest: ['GET /query/answer', 'POST /query/answer'],
      streams: AnswerEvent,
    })
    .input(AnswerQuery)
    .query(({ ctx, input, signal = new AbortController().signal, path }) => {
      const onWriterError = (error: WriterError) => ctx.onInternalError(error, path)
      return answerQuestion(ctx, input, { signal, onWriterError })
    }),
})
