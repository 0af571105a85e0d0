import { z } from 'zod'
import { Receipt } from '../receipts/receipts.schema.ts'
import { RagQuery, RagResult, Understood } from '../search/search.schema.ts'

export const Question = RagQuery

/** The stream: first the passages, then sentences as they are ready, last `done`. */
export const AnswerEvent = z
  .discriminatedUnion('type', [
    z.object({
      type: z.literal('passages'),
      understood: z
        .array(Understood)
        .describe('Filters that were read in the question, such as a known author: asWords switches them off'),
      passages: z.array(
        RagResult.pick({ rank: true, passage: true, content: true, fusedScore: true, relevance: true }),
      ),
    }),
    z.object({
      type: z.literal('sentence'),
      text: z.string(),
      citations: z
        .array(z.string())
        .describe('Passage ids, each one of the passages above; empty: nothing supports it'),
      receipts: z
        .array(Receipt)
        .describe(
          'What it stands on, place by place, of the passages that it cites: GET /api/receipts/{id} looks whether that is still there',
        ),
      rejected: z.array(z.number().int()).describe('Numbers that the model cited, but that no passage has'),
    }),
    z.object({
      type: z.literal('done'),
      kind: z
        .enum(['generated', 'extracted'])
        .describe('Written by the language model, or sentences of the passages as they stand'),
      model: z.string().nullable(),
      complete: z.boolean().describe('False where the model failed or stopped in the middle of its answer'),
      notice: z
        .string()
        .nullable()
        .describe(
          'What a reader should know: that nothing here answers, and what is missing; why an answer is not whole',
        ),
    }),
  ])
  .meta({ id: 'AnswerEvent' })

export type AnswerEvent = z.output<typeof AnswerEvent>
