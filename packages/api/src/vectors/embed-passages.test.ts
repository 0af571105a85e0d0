import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, inject, onTestFinished, test, vi } from 'vitest'
import type { Deps } from '../context.ts'
import { EmbedderError, type EmbedOptions } from '../embedding/embedder.ts'
import { createLocalEmbedder } from '../embedding/local-embedder.ts'
import { createModelThreads } from '../embedding/model-threads.ts'
import { registerModel } from '../ingest/ingest.queries.ts'
import { contentLine, createFakeEmbedder, createTestCaller, createTestDeps, storeLines } from '../testing/test-deps.ts'
import { embedPassages } from './embed-passages.ts'
import { followPassages } from './follow-passages.ts'
import { claimPassages } from './waiting-passages.ts'

let database: TestDatabase
let deps: Deps
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  deps = await createTestDeps(database)
})
beforeEach(async () => {
  await database.db.deleteFrom('contents').execute()
})
afterAll(() => database.close())

const titled = (...titles: string[]) =>
  titles.map((title) => contentLine({ title, source_url: `https://example.org/${title}` }))
const search = async (prompt: string, of = deps) => (await createTestCaller(of).query.rag({ prompt })).search
const chunks = () => database.db.selectFrom('contentChunks').selectAll().orderBy('id').execute()
const withEmbed = (embed: Deps['embedder']['embed']) => ({ ...deps, embedder: { ...deps.embedder, embed } })

test('a content is found by word as soon as it is stored, its vector follows, and a kept answer changes with it', async () => {
  await storeLines(deps, titled('quagga', 'zebra'))
  expect(await search('quagga')).toMatchObject({ vector: 'exact', embeddedShare: 0 })
  const read: number[] = []
  expect(await embedPassages(deps, { onProgress: (n) => read.push(n) })).toBe(2)
  expect(read).toEqual([2])
  expect(await search('quagga')).toMatchObject({ vector: 'exact', embeddedShare: 1 })
  const [content] = await database.db.selectFrom('contents').selectAll().execute()
  expect(content).toMatchObject({ embedding: expect.stringMatching(/^\[/), embeddingModelId: deps.embeddingModel.id })
  expect(await database.db.selectFrom('vectorClaims').selectAll().execute()).toEqual([])
  expect(await embedPassages(deps)).toBe(0)
})

test('the newest passages come first', async () => {
  await storeLines(deps, titled('first'))
  await storeLines(deps, titled('second', 'third'))
  const embedder = createFakeEmbedder()
  await embedPassages({ ...deps, embedder })
  expect(embedder.texts.map((text) => text.split('\n')[0])).toEqual(['third', 'second', 'first'])
})

test('several at once share the passages, and read none twice', async () => {
  await storeLines(deps, titled(...Array.from({ length: 60 }, (_, n) => `title ${n}`)))
  const embedder = createFakeEmbedder()
  const slow = async (texts: readonly string[], options?: EmbedOptions) => {
    await new Promise((done) => setTimeout(done, 5))
    return embedder.embed(texts, options)
  }
  const other = { ...withEmbed(slow) }
  const read = await Promise.all([embedPassages(other), embedPassages(other), embedPassages(other)])
  expect(read.reduce((sum, each) => sum + each)).toBe(60)
  expect(new Set(embedder.texts).size).toBe(60)
  expect(embedder.texts).toHaveLength(60)
})

test('the vector of a content is there whoever read its last passage', async () => {
  const body = Array.from({ length: 20 }, (_, n) => `Paragraph ${n}. ${'Many words. '.repeat(90)}`).join('\n\n')
  await storeLines(deps, [contentLine({ body })])
  expect((await chunks()).length).toBeGreaterThan(16)
  await Promise.all([embedPassages(deps), embedPassages(deps)])
  const content = await database.db.selectFrom('contents').select('embedding').executeTakeFirstOrThrow()
  expect(content.embedding).not.toBeNull()
})

test('passages that somebody who was killed had claimed are read when the claim has run out', async () => {
  await storeLines(deps, titled('claimed'))
  expect(await claimPassages(database.db, deps.embeddingModel, 10)).toHaveLength(1)
  expect(await embedPassages(deps)).toBe(0)
  await sql`update vector_claims set claimed_until = now() - interval '1 second'`.execute(database.db)
  expect(await embedPassages(deps)).toBe(1)
})

test('another model reads anew what is there, and until then the vectors of the first stay', async () => {
  await storeLines(deps, titled('a', 'b'))
  await embedPassages(deps)
  const newer = await createTestDeps(database, createFakeEmbedder('newer', 8))
  expect(await search('a', newer)).toMatchObject({ embeddedShare: 0 })
  expect((await chunks()).map((chunk) => chunk.embeddingModelId)).toEqual(Array(2).fill(deps.embeddingModel.id))
  await embedPassages(newer)
  expect(await search('a', newer)).toMatchObject({ embeddedShare: 1 })
  for (const chunk of await chunks()) expect(JSON.parse(chunk.embedding ?? '')).toHaveLength(8)
  const contents = await database.db.selectFrom('contents').select('embeddingModelId').execute()
  expect(contents).toEqual(Array(2).fill({ embeddingModelId: newer.embeddingModel.id }))
})

test('a text that the model knows nothing of counts as read, and is not read again', async () => {
  await storeLines(deps, [contentLine({ title: 'Zzz', body: 'Zyx Zwv' })])
  expect(await embedPassages(deps)).toBe(1)
  expect(await chunks()).toMatchObject([{ embedding: null, embeddingModelId: deps.embeddingModel.id }])
  expect(await embedPassages(deps)).toBe(0)
  expect(await search('zyx')).toMatchObject({ embeddedShare: 1 })
})

test('a text that the model refuses is left out alone; a batch of refused ones ends the run and lets older passages pass', async () => {
  const refusing = withEmbed(async (texts, options) => {
    if (texts.some((text) => text.includes('Refused'))) throw new EmbedderError('too long', { refusesText: true })
    return deps.embedder.embed(texts, options)
  })
  await storeLines(deps, titled('a', 'b', 'Refused', 'c', 'd'))
  const refused: string[] = []
  expect(await embedPassages(refusing, { onRefused: ({ title }) => refused.push(title) })).toBe(5)
  expect(refused).toEqual(['Refused'])
  expect((await chunks()).filter((chunk) => chunk.embedding === null)).toHaveLength(1)

  await storeLines(deps, titled('older', ...Array.from({ length: 16 }, (_, n) => `Refused${n}`)))
  await expect(embedPassages(refusing)).rejects.toThrow('too long')
  expect(await embedPassages(refusing)).toBe(1)
  await sql`update vector_claims set claimed_until = now() - interval '1 second'`.execute(database.db)
  expect(await embedPassages(deps)).toBe(16)
})

test('a run that is stopped gives its passages back at once', async () => {
  await storeLines(deps, titled('a'))
  const stop = new AbortController()
  const never = withEmbed((_texts, { signal } = {}) => {
    setTimeout(() => stop.abort())
    return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
  })
  expect(await embedPassages(never, { signal: stop.signal })).toBe(0)
  expect(await embedPassages(deps)).toBe(1)
})

test('in the background a failure is told once and tried again, and nothing is lost', async () => {
  await storeLines(deps, titled('a'))
  let failures = 0
  const failing = withEmbed(async (texts, options) => {
    if (failures++ < 1) throw new EmbedderError('away')
    return deps.embedder.embed(texts, options)
  })
  const onError = vi.fn()
  const onCaughtUp = vi.fn(async () => {})
  const following = followPassages(failing, { onError, onCaughtUp })
  await vi.waitFor(async () => expect(await search('a')).toMatchObject({ embeddedShare: 1 }), 5000)
  await vi.waitFor(() => expect(onCaughtUp).toHaveBeenCalledTimes(1), 5000)
  await following.close()
  expect(onError.mock.calls).toEqual([[expect.objectContaining({ message: 'away' })]])
})

test('passages that say next to nothing hold nothing up: they are read, and stay without a vector where the model has none', async () => {
  const embedder = createLocalEmbedder()
  onTestFinished(() => embedder.close())
  const bodies = {
    again: 'again '.repeat(1000),
    emoji: '😀🎉'.repeat(200),
    unspaced: 'x'.repeat(100_000),
    quagga: 'A quagga is a kind of zebra that lived in South Africa.',
  }
  const lines = Object.entries(bodies).map(([title, body]) =>
    contentLine({ title, body, source_url: `https://example.org/${title}` }),
  )
  const own = { ...deps, embedder, embeddingModel: await registerModel(database.db, embedder) }
  await storeLines(own, lines)
  const stored = await chunks()
  expect(await embedPassages(own)).toBe(stored.length)
  expect(await search('quagga', own)).toMatchObject({ embeddedShare: 1 })
  const { results } = await createTestCaller(own).query.rag({ prompt: 'again' })
  expect(results[0]?.content.title).toBe('again')
})

test('a model whose thread is killed in the middle loses no passage', async () => {
  await storeLines(deps, titled('fine', 'fatal'))
  const threads = createModelThreads(new URL('../testing/frail.worker.ts', import.meta.url), {})
  onTestFinished(() => threads.close())
  await expect(embedPassages(withEmbed(threads.embed))).rejects.toThrow(EmbedderError)
  expect(await embedPassages(deps)).toBe(2)
  expect(await search('fine')).toMatchObject({ embeddedShare: 1 })
})
