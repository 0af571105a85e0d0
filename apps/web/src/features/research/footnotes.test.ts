import { expect, test } from 'vitest'
import { readFootnotes, type SessionReceipt } from './footnotes.ts'

const receipt = (id: string, start: number): SessionReceipt => ({
  id,
  passageId: 'c:0',
  contentId: 'c',
  part: 'text',
  start,
  end: 9,
  contentHash: 'h',
  readAt: '2026-01-01T00:00:00Z',
})

const answers = [
  {
    question: 'Who?',
    voices: [
      {
        author: null,
        kind: 'extracted' as const,
        sentences: [{ text: 'Ada.', receipts: [receipt('r1', 3), receipt('r2', 5), receipt('r3', 5)] }],
      },
    ],
    notice: null,
    change: 'new' as const,
  },
]

test('marks become links, and the notes receipts', () => {
  const report =
    '# A\n\nAda.[^1][^2]\n\n[^1]: [T](<https://e.org>), A. Read now. Receipt: /api/receipts/r1\n[^2]: content c. Read now. Receipt: /api/receipts/r2\n'
  const { text, notes } = readFootnotes(report, answers)
  expect(text).toBe('# A\n\nAda.[1](#receipt-1)[2](#receipt-2)\n\n')
  expect(notes.map(({ number, receipt: { id } }) => [number, id])).toEqual([
    [1, 'r1'],
    [2, 'r2'],
  ])
})

test('two sentences on one place have one number', () => {
  const report = 'Ada.[^1] Eve.[^2]\n\n[^1]: T. Receipt: /api/receipts/r3\n[^2]: T. Receipt: /api/receipts/r2\n'
  const { text, notes } = readFootnotes(report, answers)
  expect(text).toBe('Ada.[1](#receipt-1) Eve.[1](#receipt-1)\n\n')
  expect(notes).toHaveLength(1)
})

test('a mark that somebody wrote, or whose receipt is not here, stays text', () => {
  const report = 'Said \\[^1\\] and [^7].\n\n[^7]: x. Receipt: /api/receipts/unknown\n'
  expect(readFootnotes(report, answers)).toEqual({ text: report, notes: [] })
})
