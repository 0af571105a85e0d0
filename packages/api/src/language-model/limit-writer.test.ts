import { expect, test } from 'vitest'
import { limitWriter } from './limit-writer.ts'
import type { AnswerWriter, WriterListener } from './writer.ts'

const prompt = { system: 'Be brief.', user: 'Why?' }
const { signal } = new AbortController()

/** 5 tokens of its prompt, and 3 of its text. */
async function use(mostTokens: number, also: (listener: WriterListener) => void = () => {}) {
  const given: AnswerWriter = {
    model: 'm',
    async *write(_, __, listener) {
      if (listener !== undefined) also(listener)
      yield 'Because.'
    },
  }
  const { writer, used } = limitWriter(given, mostTokens)
  const written = writer === undefined ? [] : Array.fromAsync(writer.write(prompt, signal))
  const failure = await Promise.resolve(written).then(
    () => undefined,
    (error) => error.failure,
  )
  return { used: used(), failure }
}

test('prompts, tries, thoughts and text count', async () => {
  expect(await use(100)).toEqual({ used: 8, failure: undefined })
  expect(await use(7)).toEqual({ used: 5, failure: 'too long' })
  expect(await use(100, ({ onRetry }) => onRetry())).toEqual({ used: 13, failure: undefined })
  expect(await use(100, ({ onThought }) => onThought('x'.repeat(30)))).toEqual({ used: 18, failure: undefined })
  expect(await use(10, ({ onThought }) => onThought('x'.repeat(30)))).toEqual({ used: 5, failure: 'too long' })
})

test('more that the endpoint has counted of its last try counts, and fewer do not', async () => {
  expect(await use(100, ({ onUsage }) => onUsage(60))).toMatchObject({ used: 63 })
  expect(await use(100, ({ onUsage }) => onUsage(2))).toMatchObject({ used: 8 })
  const again = ({ onRetry, onUsage }: WriterListener) => {
    onRetry()
    onUsage(60)
  }
  expect(await use(100, again)).toMatchObject({ used: 68 })
})
