import { expect, test } from 'vitest'
import { createAnalystTasks, type KeyedContent } from './analyst-tasks.ts'

const content = (id: string, length: number): KeyedContent => ({
  id,
  key: id,
  analysis: undefined,
  content: {
    id,
    platform: 'web',
    title: '',
    body: 'a'.repeat(length),
    language: 'en',
    at: '2026-01-01',
    embedding: null,
  },
})

test('a thread remembers as many profiles as their texts are long, the latest ones', () => {
  const run = createAnalystTasks(1000)
  const task = (contents: readonly KeyedContent[]) =>
    run({ kind: 'patterns', owner: 'o', contents, formerThemes: new Map() })
  const all = [content('first', 400), content('second', 400), content('third', 400), content('whole', 2000)]
  expect(task(all)).toMatchObject({ kind: 'patterns' })
  const known = all.map(({ content: _, ...rest }) => rest)
  expect(task(known)).toEqual({ kind: 'missing', ids: ['first', 'whole'] })
})
