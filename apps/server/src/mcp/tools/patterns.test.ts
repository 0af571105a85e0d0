import { expect, test } from 'vitest'
import { createFence } from '../fence.ts'
import type { Caller, ToolCall } from '../tool.ts'
import { patternsTool } from './patterns.ts'

const steps = Array.from({ length: 30 }, (_, n) => ({
  content: { id: `c${n}`, title: `Content ${n}`, publishedAt: null },
  evidence: { quotes: [{ text: `${n} times the same words in many contents of one author` }] },
}))
const pattern = { type: 'theme', description: 'The same words', confidenceScore: 0.9 }
const patterns = { byId: async () => pattern, timeline: async () => ({ steps }) }
const call = { caller: { patterns } as unknown as Caller, fence: createFence(), room: 700 } as ToolCall

interface Answer {
  readonly evidence: readonly { readonly contentId: string }[]
  readonly nextCursor: string | null
}
const read = async (given: ToolCall, cursor?: string) =>
  (await patternsTool.run(given, { id: 'p', ...(cursor !== undefined && { cursor }) })) as unknown as Answer

test('the contents of a pattern that do not fit come with the cursor, each once', async () => {
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const { evidence, nextCursor } = await read(call, cursor)
    seen.push(...evidence.map(({ contentId }) => contentId))
    cursor = nextCursor ?? undefined
  } while (cursor !== undefined && seen.length < 100)
  expect(seen).toEqual(steps.map(({ content }) => content.id))
  await expect(read(call, 'x')).rejects.toThrow('is none of this tool')
})

test('where not even one fits it says so, instead of an answer whose cursor skips it', async () => {
  await expect(read({ ...call, room: 50 })).rejects.toThrow('maxTokens: is too few')
})
