import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { createBatchQueue } from './batch-queue.ts'

interface Started {
  readonly items: readonly string[]
  readonly signal: AbortSignal
  finish(outcomes?: readonly Promise<string>[]): void
  fail(error: Error): void
}

/** A queue whose batches end when the test says so; by default each item comes out in capitals. */
function createQueue({ atOnce = 1, most = 3 } = {}) {
  const batches: Started[] = []
  const queue = createBatchQueue<string, string>({
    atOnce,
    most,
    run(items, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<readonly Promise<string>[]>()
      const finish = (outcomes = items.map(async (item) => item.toUpperCase())) => resolve(outcomes)
      batches.push({ items, signal, finish, fail: reject })
      return promise
    },
  })
  return { queue, batches, batch: (at: number) => batches[at] as Started }
}

/** Lets everything run that waits for nothing but its turn. */
const turn = () => new Promise((resolve) => setImmediate(resolve))

test('the first item goes at once, and items added meanwhile go together, up to the size of a batch', async () => {
  const { queue, batches, batch } = createQueue({ most: 3 })
  const results = Promise.all(['a', 'b', 'c', 'd', 'e'].map((item) => queue.add(item)))
  for (const at of [0, 1, 2]) {
    expect(batches).toHaveLength(at + 1)
    batch(at).finish()
    await turn()
  }
  expect(batches.map(({ items }) => items)).toEqual([['a'], ['b', 'c', 'd'], ['e']])
  expect(await results).toEqual(['A', 'B', 'C', 'D', 'E'])
})

test('no more batches run at once than allowed', async () => {
  const { queue, batches, batch } = createQueue({ atOnce: 2 })
  const results = ['a', 'b', 'c'].map((item) => queue.add(item))
  expect(batches).toHaveLength(2)
  batch(1).finish()
  expect(await results[1]).toBe('B')
  await turn()
  expect(batches.map(({ items }) => items)).toEqual([['a'], ['b'], ['c']])
})

test('each item has its own outcome; a batch that fails fails all its items', async () => {
  const { queue, batch } = createQueue()
  const outcomes = Promise.allSettled(['a', 'b', 'c', 'd'].map((item) => queue.add(item)))
  batch(0).fail(new Error('all of it'))
  await turn()
  batch(1).finish([Promise.resolve('fine'), Promise.reject(new Error('just this')), Promise.resolve('too')])
  const shown = (await outcomes).map((each) => (each.status === 'fulfilled' ? each.value : each.reason.message))
  expect(shown).toEqual(['all of it', 'fine', 'just this', 'too'])
})

test('an outcome that is still pending does not hold up the next batch', async () => {
  const { queue, batches, batch } = createQueue()
  const { promise, resolve } = Promise.withResolvers<string>()
  const [slow, next] = [queue.add('a'), queue.add('b')]
  batch(0).finish([promise])
  await turn()
  expect(batches).toHaveLength(2)
  batch(1).finish()
  expect(await next).toBe('B')
  resolve('late')
  expect(await slow).toBe('late')
})

test('an item whose caller leaves while it waits is taken out; one whose caller had left is never queued', async () => {
  const { queue, batches, batch } = createQueue()
  const controller = new AbortController()
  const results = [queue.add('a'), queue.add('b', controller.signal), queue.add('c')]
  controller.abort(new Error('gone'))
  await expect(results[1]).rejects.toThrow('gone')
  await expect(queue.add('d', controller.signal)).rejects.toThrow('gone')
  batch(0).finish()
  await turn()
  expect(batches.map(({ items }) => items)).toEqual([['a'], ['c']])
})

test('a batch is told to stop once all its callers have left, not before', async () => {
  const { queue, batch } = createQueue()
  const [one, other] = [new AbortController(), new AbortController()]
  const first = queue.add('a')
  const both = [queue.add('b', one.signal), queue.add('c', other.signal)]
  batch(0).finish()
  await first
  one.abort(new Error('gone'))
  await expect(both[0]).rejects.toThrow('gone')
  expect(batch(1).signal.aborted).toBe(false)
  other.abort(new Error('gone too'))
  await expect(both[1]).rejects.toThrow('gone too')
  expect(batch(1).signal.aborted).toBe(true)
  // Nobody waits for its outcome any more, and a rejection is no unhandled one.
  batch(1).finish([Promise.reject(new Error('unheard')), Promise.resolve('unheard')])
  await turn()
})

test('a caller who cannot leave keeps the batch going', async () => {
  const { queue, batch } = createQueue()
  const controller = new AbortController()
  const first = queue.add('a')
  const results = [queue.add('b'), queue.add('c', controller.signal)]
  batch(0).finish()
  await first
  controller.abort(new Error('gone'))
  await expect(results[1]).rejects.toThrow('gone')
  expect(batch(1).signal.aborted).toBe(false)
  batch(1).finish()
  expect(await results[0]).toBe('B')
})

test('nothing stays behind on the signal of a caller who stayed', async () => {
  const { queue, batch } = createQueue()
  const { signal } = new AbortController()
  const results = ['a', 'b'].map((item) => queue.add(item, signal))
  batch(0).finish()
  await results[0]
  batch(1).fail(new Error('no'))
  await expect(results[1]).rejects.toThrow('no')
  expect(getEventListeners(signal, 'abort')).toEqual([])
})
