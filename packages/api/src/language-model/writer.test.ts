import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { createOpenAiWriter, WriterError } from './writer.ts'

/** Runs `body` against an endpoint that answers as told. */
async function withEndpoint(answer: RequestListener, body: (baseUrl: string) => Promise<void>): Promise<void> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    await body(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

const textOf = async (pieces: AsyncIterable<string>) => (await Array.fromAsync(pieces)).join('')
const prompt = { system: 'Be brief.', user: 'Why?' }
const { signal } = new AbortController()

test('the text of an OpenAI-compatible endpoint comes piece by piece, asked with the key and both prompts', async () => {
  let asked = { authorization: '', body: '' }
  await withEndpoint(
    async (request, response) => {
      const chunks = await Array.fromAsync(request as AsyncIterable<Buffer>)
      asked = { authorization: request.headers.authorization ?? '', body: Buffer.concat(chunks).toString() }
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const content of ['Because ', 'of it [1].']) {
        response.write(`data: ${JSON.stringify({ id: '1', choices: [{ index: 0, delta: { content } }] })}\n\n`)
      }
      const end = { id: '1', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }
      response.end(`data: ${JSON.stringify(end)}\n\ndata: [DONE]\n\n`)
    },
    async (baseUrl) => {
      const writer = createOpenAiWriter({ baseUrl, model: 'm', apiKey: 'k' })
      expect(await textOf(writer.write(prompt, signal))).toBe('Because of it [1].')
    },
  )
  expect(asked.authorization).toBe('Bearer k')
  expect(JSON.parse(asked.body)).toMatchObject({
    model: 'm',
    temperature: 0,
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Why?' },
    ],
  })
})

test('an endpoint that refuses is a WriterError, which names the settings', async () => {
  await withEndpoint(
    (_, response) => void response.writeHead(401).end('{"error":{"message":"no such key"}}'),
    async (baseUrl) => {
      const writer = createOpenAiWriter({ baseUrl, model: 'm', maxRetries: 0 })
      const failed = textOf(writer.write(prompt, signal))
      await expect(failed).rejects.toThrow(WriterError)
      await expect(failed).rejects.toThrow('Check LLM_BASE_URL, LLM_MODEL and LLM_API_KEY')
    },
  )
})

test('an answer that breaks off is a WriterError after what was said', async () => {
  await withEndpoint(
    (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(`data: ${JSON.stringify({ id: '1', choices: [{ index: 0, delta: { content: 'So' } }] })}\n\n`)
    },
    async (baseUrl) => {
      const pieces: string[] = []
      const read = async () => {
        for await (const piece of createOpenAiWriter({ baseUrl, model: 'm' }).write(prompt, signal)) pieces.push(piece)
      }
      await expect(read()).rejects.toThrow(WriterError)
      expect(pieces).toEqual(['So'])
    },
  )
})

test('an endpoint that never answers is a WriterError after the time out', async () => {
  await withEndpoint(
    () => {},
    async (baseUrl) => {
      const writer = createOpenAiWriter({ baseUrl, model: 'm', maxRetries: 0, timeoutMs: 50 })
      await expect(textOf(writer.write(prompt, signal))).rejects.toThrow(WriterError)
    },
  )
})
