import { expect, test } from 'vitest'
import type { HotUrl } from './hot-urls.ts'
import { createJoinedBatches } from './joined-batches.ts'

const answer = (text: string) => ({ rpc: Buffer.from(text) }) as never
const url = (): HotUrl => ({ calls: [], door: 'rpc', isBatch: true })

test('a batch is joined the second time in a row, and joined anew when an answer in it has changed', () => {
  const batches = createJoinedBatches()
  const hot = url()
  const [one, two, three] = [answer('1'), answer('2'), answer('3')]
  expect(batches.bodyFor(hot, [one, two])).toBeUndefined()
  const body = batches.bodyFor(hot, [one, two])
  expect(body?.toString()).toBe('[1,2]')
  expect(batches.bodyFor(hot, [one, two])).toBe(body)
  expect(batches.bodyFor(hot, [one, three])).toBeUndefined()
  expect(batches.bodyFor(hot, [one, three])?.toString()).toBe('[1,3]')
})

test('only a few joined batches are kept, and no large one', () => {
  const batches = createJoinedBatches()
  const first = url()
  const [one, large] = [answer('1'), answer('x'.repeat(2 ** 18 + 1))]
  for (let n = 0; n < 2; n++) batches.bodyFor(first, [one])
  expect(batches.bodyFor(first, [one])).toBeDefined()
  for (let n = 0; n < 32; n++) batches.bodyFor(url(), [one])
  expect(batches.bodyFor(first, [one])).toBeUndefined()
  const hot = url()
  for (let n = 0; n < 3; n++) expect(batches.bodyFor(hot, [large])).toBeUndefined()
})
