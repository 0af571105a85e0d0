import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { EmbedderError } from './embedder.ts'
import { createOpenAiEmbedder } from './openai-embedder.ts'

type Answer = (
  request: { input: string[]; model: string },
  attempt: number,
) => { status?: number; body: unknown } | 'hang'

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

/** A server that speaks /v1/embeddings; `answer` decides what it says. */
async function startEndpoint(answer: Answer, delayMs = 0) {
  const requests: { input: string[]; model: string; authorization: string | undefined }[] = []
  server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const body = JSON.parse(text)
    requests.push({ ...body, authorization: request.headers.authorization })
    const said = answer(body, requests.length)
    if (said === 'hang') return
    await sleep(delayMs)
    response.writeHead(said.status ?? 200, { 'content-type': 'application/json' }).end(JSON.stringify(said.body))
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, requests }
}

const vectorsFor = (input: string[], dimension = 3) => ({
  body: {
    object: 'list',
    model: 'm',
    data: input.map((text, index) => ({ object: 'embedding', index, embedding: Array(dimension).fill(text.length) })),
    usage: { prompt_tokens: 1, total_tokens: 1 },
  },
})

test('texts go out in batches, with the key, and come back in order at length 1', async () => {
  const { baseUrl, requests } = await startEndpoint(({ input }) => vectorsFor(input))
  const embedder = createOpenAiEmbedder({ baseUrl, apiKey: 'secret', model: 'm', dimension: 3, batchSize: 2 })
  const vectors = await embedder.embed(['a', 'bb', 'ccc'])
  expect(requests.map(({ input, model }) => [model, input])).toEqual([
    ['m', ['a', 'bb']],
    ['m', ['ccc']],
  ])
  expect(requests[0]?.authorization).toBe('Bearer secret')
  expect(vectors).toHaveLength(3)
  expect(vectors[0]?.[0]).toBeCloseTo(1 / Math.sqrt(3))
})

test('an overloaded endpoint is asked again', async () => {
  const { baseUrl, requests } = await startEndpoint(({ input }, attempt) =>
    attempt === 1 ? { status: 503, body: { error: { message: 'overloaded' } } } : vectorsFor(input),
  )
  const embedder = createOpenAiEmbedder({ baseUrl, model: 'm', dimension: 3, maxRetries: 1 })
  expect(await embedder.embed(['a'])).toHaveLength(1)
  expect(requests).toHaveLength(2)
})

test('a refusal is not repeated, and names the endpoint and the settings', async () => {
  const { baseUrl, requests } = await startEndpoint(() => ({ status: 401, body: { error: { message: 'bad key' } } }))
  const embedder = createOpenAiEmbedder({ baseUrl, model: 'm', dimension: 3 })
  const failed = await embedder.embed(['a']).catch((error: unknown) => error)
  expect(failed).toBeInstanceOf(EmbedderError)
  expect((failed as Error).message).toContain(`${baseUrl} (model m) failed`)
  expect((failed as Error).message).toContain('EMBEDDING_API_KEY')
  expect(requests).toHaveLength(1)
})

test('a vector of another dimension is an error that says what to set', async () => {
  const { baseUrl } = await startEndpoint(({ input }) => vectorsFor(input, 5))
  const embedder = createOpenAiEmbedder({ baseUrl, model: 'm', dimension: 3 })
  await expect(embedder.embed(['a'])).rejects.toThrow('Set EMBEDDING_DIMENSION=5')
})

test('the time limit is for each request, however many a call needs', async () => {
  const { baseUrl } = await startEndpoint(({ input }) => vectorsFor(input), 250)
  const embedder = createOpenAiEmbedder({ baseUrl, model: 'm', dimension: 3, batchSize: 1, timeoutMs: 1000 })
  expect(await embedder.embed(['a', 'b', 'c', 'd', 'e'])).toHaveLength(5)
})

test('a silent endpoint is given up after the time limit', async () => {
  const { baseUrl } = await startEndpoint(() => 'hang')
  const embedder = createOpenAiEmbedder({ baseUrl, model: 'm', dimension: 3, timeoutMs: 50 })
  await expect(embedder.embed(['a'])).rejects.toThrow('no answer within 50 ms')
})
