import { z } from 'zod'
import { RagQuery, RagResult } from '../search/search.schema.ts'

export const Question = RagQuery

/** What comes down the stream: first the passages, then sentences as they are ready, last `done`. */
export const AnswerEvent = z
  .discriminatedUnion('type', [
    z.object({
      type: z.literal('passages'),
      passages: z.array(RagResult.pick({ rank: true, passage: true, content: true, fusedScore: true })),
    }),
    z.object({
      type: z.literal('sentence'),
      text: z.string(),
      citations: z
        .array(z.string())
        .describe('Passage ids, each one of the passages above; empty: nothing supports it'),
      rejected: z.array(z.number().int()).describe('Numbers that the model cited, but that no passage has'),
    }),
    z.object({
      type: z.literal('done'),
      kind: z
        .enum(['generated', 'extracted'])
        .describe('Written by the language model, or sentences of the passages as they stand'),
      model: z.string().nullable(),
      complete: z.boolean().describe('False where the model failed or stopped in the middle of its answer'),
      notice: z.string().nullable(),
    }),
  ])
  .meta({ id: 'AnswerEvent' })

export type AnswerEvent = z.output<typeof AnswerEvent>
