import { patternTypes } from '@extropy/db'
import { z } from 'zod'
import { countJsonTokens, fitPage } from '../token-budget.ts'
import { cursor, defineTool, maxTokens, nextCursor, notACursor, type ToolCall } from '../tool.ts'

export const patternsTool = defineTool({
  name: 'patterns',
  description:
    'Recurring themes, hooks, frameworks, reprints and ideas that grew from piece to piece (elaboration). Without id: a list, surest first. With id: that pattern, with the words in each content that it stands on, oldest first.',
  annotations: { readOnlyHint: true },
  input: z.strictObject({
    id: z.string().optional(),
    authorId: z.string().optional(),
    type: z.enum(patternTypes).optional(),
    limit: z.number().int().min(1).max(100).default(20),
    maxTokens,
    cursor,
  }),
  output: z.object({
    patterns: z.array(z.object({ id: z.string(), type: z.string(), description: z.string(), confidence: z.number() })),
    evidence: z
      .array(
        z.object({
          contentId: z.string(),
          title: z.string(),
          date: z.string().nullable(),
          quotes: z.array(z.string()),
        }),
      )
      .describe('only with id'),
    nextCursor,
  }),
  async run(call, { id, authorId, type, limit, cursor }) {
    if (id !== undefined) return readPattern(call, id, readStep(cursor))
    const { caller, fence, room } = call
    const filters = {
      sort: 'confidence' as const,
      ...(authorId !== undefined && { authorId }),
      ...(type !== undefined && { type }),
      ...(cursor !== undefined && { cursor }),
    }
    const page = await caller.patterns.list({ ...filters, limit })
    const makers = page.items.map(({ id, type, description, confidenceScore }) => (longest: number) => ({
      id,
      type,
      description: fence.around(description, Math.min(300, longest)),
      confidence: Math.round(100 * confidenceScore) / 100,
    }))
    const patterns = fitPage(makers, room)
    const isShort = patterns.length < makers.length
    const { nextCursor } = isShort ? await caller.patterns.list({ ...filters, limit: patterns.length }) : page
    return { patterns, evidence: [], nextCursor }
  },
})

/** A few quotes of each step: the whole content is a read away. */
const mostQuotes = 3

async function readPattern({ caller, fence, room }: ToolCall, id: string, from: number) {
  const pattern = await caller.patterns.byId({ id })
  const { steps } = await caller.patterns.timeline({ id })
  const head = {
    id,
    type: pattern.type,
    description: fence.around(pattern.description, 300),
    confidence: Math.round(100 * pattern.confidenceScore) / 100,
  }
  const makers = steps.slice(from).map(({ content, evidence }) => (longest: number) => ({
    contentId: content.id,
    title: fence.around(content.title, Math.min(200, longest)),
    date: content.publishedAt,
    quotes: evidence.quotes.slice(0, mostQuotes).map(({ text }) => fence.around(text, Math.min(400, longest))),
  }))
  const evidence = fitPage(makers, room - countJsonTokens(head))
  const next = from + evidence.length
  return { patterns: [head], evidence, nextCursor: next < steps.length ? String(next) : null }
}

/** How many contents were there before. */
function readStep(given: string | undefined): number {
  if (given === undefined) return 0
  if (/^\d{1,9}$/.test(given)) return Number(given)
  throw notACursor()
}
