import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Embedder } from './embedder.ts'
import { createLocalEmbedder } from './local-embedder.ts'

const cacheDir = join(fileURLToPath(new URL('../../../../node_modules/.cache', import.meta.url)), 'extropy-models')

let embedder: Embedder
beforeAll(async () => {
  embedder = createLocalEmbedder({ cacheDir })
  // The first use on a machine packs the word vectors.
  await embedder.embed(['ready'])
}, 120_000)
afterAll(() => embedder.close())

const cosine = (a: Float32Array = new Float32Array(), b?: Float32Array) =>
  a.reduce((sum, value, i) => sum + value * (b?.[i] ?? 0), 0)

test('vectors have the stated dimension and length 1, in the order of the texts', async () => {
  const [first, second] = await embedder.embed(['a river in the mountains', 'compile the program'])
  expect(first).toHaveLength(embedder.dimension)
  expect(Math.hypot(...(first ?? []))).toBeCloseTo(1, 5)
  expect(await embedder.embed(['compile the program'])).toEqual([second])
})

test('texts on one subject are nearer than texts on two', async () => {
  const [question, near, far] = await embedder.embed([
    'how does the compiler check memory safety',
    'The borrow checker of the compiler finds errors in how memory is used.',
    'The orchestra played a symphony in the concert hall.',
  ])
  expect(cosine(question, near)).toBeGreaterThan(cosine(question, far) + 0.2)
})

test('a text of unknown words has no vector', async () => {
  expect(await embedder.embed(['', '日本語', 'xqzzkw'])).toEqual([undefined, undefined, undefined])
})

test('the event loop goes on while it works', async () => {
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  await embedder.embed(Array.from({ length: 300 }, () => 'many words to read '.repeat(300)))
  clearInterval(timer)
  expect(turns).toBeGreaterThan(5)
})

test('a call can be aborted', async () => {
  await expect(embedder.embed(['a'], { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i)
})

test('a folder that cannot be had is an error of the call, and not the end of the process', async () => {
  const broken = createLocalEmbedder({ cacheDir: join(fileURLToPath(import.meta.url), 'inside-a-file') })
  await expect(broken.embed(['a'])).rejects.toThrow(/ENOTDIR.*Check MODEL_CACHE_DIR/)
  await expect(broken.embed(['a'])).rejects.toThrow(/ENOTDIR.*Check MODEL_CACHE_DIR/)
  await broken.close()
})
