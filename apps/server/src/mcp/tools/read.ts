import { chunkSpans, decodeReceiptId, fieldError } from '@extropy/api'
import { z } from 'zod'
import { countJsonTokens, cutToTokens } from '../token-budget.ts'
import { cursor, defineTool, maxTokens, nextCursor, notACursor, plainUrl, type ToolCall } from '../tool.ts'

export const readTool = defineTool({
  name: 'read',
  description:
    'Reads one thing by its id: a content, the content of a passage (from that passage on), or a receipt: whether its words still stand there. Long texts come in pieces: repeat with nextCursor.',
  annotations: { readOnlyHint: true },
  input: z.strictObject({ id: z.string().min(1).max(300), maxTokens, cursor }),
  output: z.object({
    kind: z.enum(['content', 'receipt']),
    id: z.string(),
    title: z.string().nullable(),
    author: z.string().nullable(),
    publishedAt: z.string().nullable(),
    url: z.string().nullable(),
    status: z.string().nullable().describe('of a receipt: unchanged, changed, gone'),
    text: z.string().nullable(),
    start: z.number().int(),
    totalLength: z.number().nullable(),
    nextCursor,
  }),
  async run(call, { id, cursor }) {
    const name = id.replace(/^extropy:\/\/(contents|receipts)\//, '')
    return decodeReceiptId(name) === undefined ? readContent(call, name, cursor) : readReceipt(call, name)
  },
})

async function readReceipt({ caller, fence, room }: ToolCall, id: string) {
  const { status, contentId, title, sourceUrl, source, start } = await caller.receipts.byId({ id })
  const said = {
    kind: 'receipt' as const,
    id: contentId,
    title: title === null ? null : fence.around(title, 200),
    author: null,
    publishedAt: null,
    url: sourceUrl === null ? null : plainUrl(sourceUrl),
    status,
    start,
    totalLength: source?.length ?? null,
    nextCursor: null,
  }
  const left = room - countJsonTokens(said) - 40
  return { ...said, text: source === null ? null : fence.around(cutToTokens(source, left)) }
}

/** Room for the marks around the text, and for its own key. */
const marksTokens = 40

async function readContent({ caller, fence, room }: ToolCall, name: string, given: string | undefined) {
  const [id = '', ordinal] = name.split(':')
  const content = await caller.contents.byId({ id })
  const { title, body, author, publishedAt, sourceUrl, contentHash } = content
  const text = body || title
  const start = given === undefined ? startOf(text, ordinal) : readCursor(given, contentHash)
  const said = {
    kind: 'content' as const,
    id,
    title: fence.around(title, 200),
    author: fence.around(author, 100),
    publishedAt,
    url: plainUrl(sourceUrl),
    status: null,
    start,
    totalLength: text.length,
    nextCursor: `${start}${text.length}.${contentHash.slice(0, hashLength)}`,
  }
  const piece = cutToTokens(text.slice(start), room - countJsonTokens(said) - marksTokens)
  const end = start + piece.length
  const next = end < text.length ? `${end}.${contentHash.slice(0, hashLength)}` : null
  return { ...said, nextCursor: next, text: fence.around(piece) }
}

/** Where a passage begins; 0 for a content as a whole. */
function startOf(text: string, ordinal: string | undefined): number {
  if (ordinal === undefined) return 0
  return chunkSpans(text)[Number(ordinal)]?.start ?? 0
}

const hashLength = 12

/** A place in one version of the text. */
function readCursor(given: string, contentHash: string): number {
  const [, place, hash] = /^(\d{1,9})\.(\w+)$/.exec(given) ?? []
  if (place === undefined) throw notACursor()
  if (hash === contentHash.slice(0, hashLength)) return Number(place)
  throw fieldError('invalid_input', 'cursor', 'is of an earlier version: read the content again without it')
}
