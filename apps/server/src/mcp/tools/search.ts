import { platforms } from '@extropy/db'
import { z } from 'zod'
import { countJsonTokens, fitPage } from '../token-budget.ts'
import { cursor, defineTool, maxTokens, nextCursor, notACursor, plainUrl } from '../tool.ts'

/** The procedure has no more. */
const most = 100

const filters = {
  platform: z.enum(platforms).optional(),
  author: z.string().max(200).optional().describe('Username or display name'),
  publishedAfter: z.string().optional().describe('ISO 8601'),
  publishedBefore: z.string().optional(),
}

export const questionInput = { ...filters, maxTokens }

export const searchTool = defineTool({
  name: 'search',
  description:
    'Finds passages of the collection by meaning and by word, best first. "A phrase" must occur, -word must not. Use answer for a question with receipts, read for the whole content.',
  annotations: { readOnlyHint: true },
  input: z.strictObject({
    query: z.string().max(8000),
    ...questionInput,
    limit: z.number().int().min(1).max(50).default(10),
    cursor,
  }),
  output: z.object({
    results: z.array(
      z.object({
        id: z.string().describe('passage, for read'),
        title: z.string(),
        author: z.string(),
        platform: z.string(),
        publishedAt: z.string().nullable(),
        url: z.string().nullable(),
        relevance: z.number(),
        text: z.string(),
      }),
    ),
    notice: z.string().nullable(),
    nextCursor,
  }),
  async run({ caller, fence, room }, { query, limit, cursor, maxTokens: _, ...filter }) {
    const from = readOffset(cursor)
    const { results, search } = await caller.query.rag({
      prompt: query,
      nResults: Math.min(most, from + limit + 1),
      ...filter,
    })
    const page = results.slice(from, from + limit)
    const makers = page.map(({ passage, content, relevance }) => (longest: number) => ({
      id: passage.id,
      title: fence.around(content.title, Math.min(200, longest)),
      author: fence.around(content.author, Math.min(100, longest)),
      platform: content.platform,
      publishedAt: content.publishedAt,
      url: plainUrl(content.sourceUrl),
      relevance: Math.round(100 * relevance) / 100,
      text: fence.around(passage.text, longest),
    }))
    const notice = search.notice === null ? null : fence.around(search.notice, 300)
    const rows = fitPage(makers, room - countJsonTokens(notice))
    const next = from + rows.length
    return { results: rows, notice, nextCursor: next < results.length && next < most ? String(next) : null }
  },
})

/** How many results were there before. */
function readOffset(given: string | undefined): number {
  const offset = Number(given ?? 0)
  if (Number.isInteger(offset) && offset >= 0 && offset < most) return offset
  throw notACursor()
}
