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

/** Runs `body` against an endpoint that streams these texts and ends for this reason, or breaks off where it has none. */
async function withText(
  pieces: Iterable<string>,
  finishReason: string | undefined,
  body: (baseUrl: string) => Promise<void>,
): Promise<void> {
  const chunk = (delta: object, finish_reason?: string) =>
    `data: ${JSON.stringify({ id: '1', choices: [{ index: 0, delta, finish_reason }] })}\n\n`
  await withEndpoint((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const content of pieces) response.write(chunk({ content }))
    response.end(finishReason === undefined ? '' : `${chunk({}, finishReason)}data: [DONE]\n\n`)
  }, body)
}

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

test('a refusal of the endpoint becomes a WriterError that names the settings', async () => {
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

const failureOf = async (baseUrl: string) => {
  const pieces: string[] = []
  try {
    const writer = createOpenAiWriter({ baseUrl, model: 'm', maxRetries: 0, maxOutputTokens: 100 })
    for await (const piece of writer.write(prompt, signal)) pieces.push(piece)
    return { text: pieces.join(''), failure: undefined }
  } catch (error) {
    if (!(error instanceof WriterError)) throw error
    return { text: pieces.join(''), failure: error.failure }
  }
}

test.each([
  ['stop', undefined],
  ['eos_token', undefined],
  ['length', 'too long'],
  ['content_filter', 'filtered'],
  ['insufficient_system_resource', 'stopped'],
  [undefined, 'failed'],
])('a text that ends with the reason %s counts as complete or cut short accordingly', (finishReason, failure) =>
  withText(['So'], finishReason, async (baseUrl) => {
    expect(await failureOf(baseUrl)).toEqual({ text: 'So', failure })
  }),
)

test.each([
  ['<think>Hm. Perhaps [1].</think>\n\nBecause [1].', 'Because [1].'],
  ['  <think></think>Because.', 'Because.'],
  ['Because. <think>No,</think>So.', 'Because. So.'],
  ['<think>Hm. And so on', ''],
  ['1 < 2 and a <thing>.', '1 < 2 and a <thing>.'],
])('the thoughts of a reasoning model are left out, however the stream cuts them: %s', async (text, said) => {
  for (const pieces of [[text], [...text], text.match(/.{1,5}/gs) ?? []]) {
    await withText(pieces, 'stop', async (baseUrl) => {
      const heard = await failureOf(baseUrl)
      expect({ ...heard, text: heard.text.replaceAll(/\s+/g, ' ').trim() }).toEqual({ text: said, failure: undefined })
    })
  }
})

test('an endless output is cut off, in thoughts or text, and the request is aborted', async () => {
  for (const start of ['', '<think>']) {
    let asked = ''
    let closed: Promise<unknown> | undefined
    await withEndpoint(
      async (request, response) => {
        asked = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString()
        closed = once(response, 'close')
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        const say = (content: string) =>
          response.write(`data: ${JSON.stringify({ id: '1', choices: [{ index: 0, delta: { content } }] })}\n\n`)
        say(start)
        const timer = setInterval(() => say('abc '.repeat(10)), 1)
        response.on('close', () => clearInterval(timer))
      },
      async (baseUrl) => {
        const { text, failure } = await failureOf(baseUrl)
        expect(failure).toBe('too long')
        expect(text.length).toBeLessThanOrEqual(800)
        await closed
      },
    )
    expect(JSON.parse(asked)).toMatchObject({ max_tokens: 100 })
  }
})

test('a message names the endpoint without parts of its URL that may be secret', async () => {
  await withEndpoint(
    (_, response) => void response.writeHead(401).end('{"error":{"message":"no such key"}}'),
    async (baseUrl) => {
      const writer = createOpenAiWriter({ baseUrl: `${baseUrl}?key=hunter2`, model: 'm', maxRetries: 0 })
      const failed = await textOf(writer.write(prompt, signal)).catch((error: Error) => error.message)
      expect(failed).toContain(`at ${baseUrl} failed`)
      expect(failed).not.toContain('hunter2')
    },
  )
})

test('an endpoint that never answers becomes a WriterError after the time limit', async () => {
  await withEndpoint(
    () => {},
    async (baseUrl) => {
      const writer = createOpenAiWriter({ baseUrl, model: 'm', maxRetries: 0, timeoutMs: 50 })
      await expect(textOf(writer.write(prompt, signal))).rejects.toThrow(WriterError)
    },
  )
})

test('what a text costs beside itself is told: tries, thoughts and the tokens that the endpoint has counted', async () => {
  let tries = 0
  const heard: unknown[] = []
  await withEndpoint(
    (_, response) => {
      if (tries++ === 0) return void response.writeHead(503).end()
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const usage = { prompt_tokens: 7, completion_tokens: 35, total_tokens: 42 }
      for (const chunk of [
        { id: '1', choices: [{ index: 0, delta: { content: '<think>Hm.</think>So.' } }] },
        { id: '1', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
        { id: '1', choices: [], usage },
      ])
        response.write(`data: ${JSON.stringify(chunk)}\n\n`)
      response.end('data: [DONE]\n\n')
    },
    async (baseUrl) => {
      const writer = createOpenAiWriter({ baseUrl, model: 'm' })
      const text = writer.write(prompt, signal, {
        onRetry: () => heard.push('again'),
        onThought: (piece) => heard.push(piece),
        onUsage: (tokens) => heard.push(tokens),
      })
      expect((await textOf(text)).trim()).toBe('So.')
    },
  )
  expect(heard).toEqual(['again', 'Hm.', 42])
})
