import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { appJobs, type Deps, openWorker, type Worker } from '@extropy/api'
import { contentLine, createKeyOf, createTestDeps, createWorld, ingestLines, type World } from '@extropy/api/testing'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { createIntake } from '@extropy/intake'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { createApp } from '../http/app.ts'
import { createHttpServer } from '../http/http-server.ts'
import { visible } from './fence.ts'
import { countJsonTokens, countTokens, defaultMaxTokens } from './token-budget.ts'
import { tricks } from './tricks.ts'

let database: TestDatabase
let deps: Deps
let world: World
let worker: Worker
let url: string
let hugeId: string
const servers: Server[] = []
const log: unknown[] = []
const logger = pino({ level: 'error' }, { write: (line: string) => void log.push(JSON.parse(line)) })

/** Some 1.2 million characters: no window takes it whole. */
const hugeBody = Array.from(
  { length: 12_000 },
  (_, n) => `Paragraph ${n} says that order grows out of entropy, slowly and then at once, in harbour ${n}.`,
).join('\n\n')

beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  const intake = createIntake()
  deps = { ...(await createTestDeps(database)), intake, scrapeWaitMs: 20_000 }
  world = await createWorld(deps)
  await ingestLines(deps, [
    contentLine({
      source_url: 'https://example.org/huge',
      title: 'H'.repeat(900),
      body: hugeBody,
      author: 'Ada Harbour',
    }),
    ...tricks.map((trick, n) =>
      contentLine({
        source_url: `https://example.org/trick/${n}`,
        title: `Quokka ${trick}`,
        body: `On quokkas. ${trick}`,
      }),
    ),
  ])
  const huge = deps.db.selectFrom('contents').select('id').where('sourceUrl', '=', 'https://example.org/huge')
  hugeId = (await huge.executeTakeFirstOrThrow()).id
  worker = openWorker(deps, { jobs: appJobs })
  url = `${await serve()}/mcp`
})
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
  await worker.close()
  await deps.intake?.close()
  await database.close()
})

async function listen(server: Server): Promise<string> {
  servers.push(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A server of its own, with the database alone in common. */
const serve = () =>
  listen(createHttpServer(createApp(deps, logger, { corsOrigins: ['https://app.example.org'] }), logger))

type Mode = 'legacy' | 'auto'

async function connect(key = world.owner.key, { to = url, mode = 'legacy' as Mode } = {}): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } })
  const requestInit = { headers: { authorization: `Bearer ${key}` } }
  await client.connect(new StreamableHTTPClientTransport(new URL(to), { requestInit }))
  return client
}

type Result = Awaited<ReturnType<Client['callTool']>>
const textOf = ({ content }: Result) => content.map((each) => (each.type === 'text' ? each.text : '')).join('')
const tokensOf = (result: Result) => countTokens(textOf(result)) + countJsonTokens(result.structuredContent)
const call = (client: Client, name: string, args: Record<string, unknown>) => client.callTool({ name, arguments: args })

const post = (body: unknown, headers: Record<string, string> = {}) =>
  fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${world.owner.key}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
    body: JSON.stringify(body),
  })
const ping = { jsonrpc: '2.0', id: 1, method: 'ping' }

describe.each(['legacy', 'auto'] as const)('a client of the protocol, %s', (mode) => {
  test('calls every tool; each answer keeps its schema, which the client checks, and its budget', async () => {
    const client = await connect(undefined, { mode })
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toEqual([
      'search',
      'answer',
      'read',
      'list',
      'patterns',
      'capture',
      'research',
    ])
    expect(
      tools.every(({ inputSchema, outputSchema, description }) => inputSchema && outputSchema && description),
    ).toBe(true)
    expect(countJsonTokens(tools)).toBeLessThan(2500)

    const calls: [string, Record<string, unknown>][] = [
      ['search', { query: 'entropy order harbour', limit: 50 }],
      ['answer', { question: 'what does paragraph 12 say about order and entropy?' }],
      ['read', { id: hugeId }],
      ['patterns', {}],
      ['patterns', { id: world.patternId }],
      ['capture', { target: 'https://example.org/quoll', html: page }],
      ['research', { brief: 'What grows out of entropy?', waitSeconds: 20 }],
      ...['contents', 'authors', 'cards', 'sources', 'research', 'jobs'].map(
        (kind): [string, Record<string, unknown>] => ['list', { kind, limit: 100 }],
      ),
    ]
    for (const [name, args] of calls) {
      for (const maxTokens of [undefined, 1000]) {
        const result = await call(client, name, { ...args, ...(maxTokens && { maxTokens }) })
        expect(result.isError, `${name}: ${textOf(result)}`).not.toBe(true)
        expect(JSON.parse(textOf(result))).toEqual(result.structuredContent)
        expect(tokensOf(result), name).toBeLessThanOrEqual(maxTokens ?? defaultMaxTokens)
      }
    }
    await client.close()
  })
})

const page = `<html><head><title>On quolls</title></head><body><article><h1>On quolls</h1><p>${'The quoll is a small hunter of the night, and it lives in the woods of the south. '.repeat(12)}</p></article></body></html>`

describe('long things in pieces', () => {
  test('a very large content is read whole by its cursors, and a passage is read from where it stands', async () => {
    const client = await connect()
    let text = ''
    let cursor: string | undefined
    for (let pieces = 0; pieces < 4; pieces++) {
      const result = await call(client, 'read', { id: hugeId, maxTokens: 20_000, ...(cursor && { cursor }) })
      const said = result.structuredContent as { start: number; text: string; nextCursor: string }
      expect(said.start).toBe(text.length)
      text += unfenced(said.text)
      cursor = said.nextCursor
    }
    expect(text.length).toBeGreaterThan(60_000)
    expect(hugeBody.startsWith(text)).toBe(true)

    const { results } = (await call(client, 'search', { query: '"harbour 7000"', limit: 1 })).structuredContent as {
      results: { id: string; text: string }[]
    }
    const read = (await call(client, 'read', { id: results[0]?.id as string })).structuredContent as { text: string }
    expect(unfenced(read.text)).toContain(unfenced(results[0]?.text as string))
    await deps.db
      .updateTable('contents')
      .set({ contentHash: 'f'.repeat(64) })
      .where('id', '=', hugeId)
      .execute()
    expect(textOf(await call(client, 'read', { id: hugeId, cursor: cursor as string }))).toMatch(
      /cursor: is of an earlier/,
    )
  })

  test('pages of a list and of a search have every row once, also where the budget cuts a page short', async () => {
    const client = await connect()
    for (const [name, args] of [
      ['list', { kind: 'contents', limit: 100 }],
      ['search', { query: 'quokka quokkas', limit: 50 }],
    ] as const) {
      const seen: string[] = []
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const answer = await call(client, name, { ...args, maxTokens: 1500, ...(cursor && { cursor }) })
        const said = answer.structuredContent as Page
        seen.push(...(said.items ?? said.results ?? []).map(({ id }) => id))
        cursor = said.nextCursor
      }
      expect(new Set(seen).size).toBe(seen.length)
      expect(seen.length).toBeGreaterThanOrEqual(tricks.length)
    }
  })

  test('a receipt of an answer is read, as a tool and as a resource', async () => {
    const client = await connect()
    const answer = await call(client, 'answer', { question: 'What about entropy and order?' })
    const { sentences } = answer.structuredContent as { sentences: { receipts: string[] }[] }
    const id = sentences[0]?.receipts[0] as string
    expect((await call(client, 'read', { id })).structuredContent).toMatchObject({
      kind: 'receipt',
      status: 'unchanged',
    })
    const { contents } = await client.readResource({ uri: `extropy://receipts/${id}` })
    expect(contents[0]).toMatchObject({ text: expect.stringContaining('"status":"unchanged"') })
    const whole = await client.readResource({ uri: `extropy://contents/${world.contentId}` })
    expect(whole.contents[0]).toMatchObject({ text: expect.stringContaining('On entropy and order.') })
    await expect(client.readResource({ uri: `extropy://contents/${world.owner.userId}` })).rejects.toThrow(/no content/)
    const { resourceTemplates } = await client.listResourceTemplates()
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual([
      'extropy://contents/{id}',
      'extropy://receipts/{id}',
      'extropy://subscriptions/{id}',
    ])
  })
})

interface Page {
  items?: { id: string }[]
  results?: { id: string }[]
  nextCursor: string | null
}

const unfenced = (text: string) => text.replace(/^\[\[\w+\]\]|\[\[\/\w+\]\]$/g, '')

describe('who may', () => {
  test('without a key, with a wrong or an expired one: 401, which says where to read how to ask', async () => {
    const expired = await createKeyOf(deps, world.owner.userId, 'read')
    const past = { expiresAt: '2020-01-01T00:00:00Z' }
    await deps.db.updateTable('apiKeys').set(past).where('id', '=', expired.principal.keyId).execute()
    for (const authorization of ['', 'Bearer extro_live_no', `Bearer ${expired.key}`]) {
      const response = await post(ping, { authorization })
      expect(response.status).toBe(401)
      const challenge = response.headers.get('www-authenticate') ?? ''
      const [, where = ''] = /resource_metadata="([^"]+)"/.exec(challenge) ?? []
      expect(where).toBe(url.replace('/mcp', '/.well-known/oauth-protected-resource/mcp'))
      expect(await (await fetch(where)).json()).toMatchObject({ resource: url, bearer_methods_supported: ['header'] })
    }
  })

  test('a key that only reads captures nothing and begins no research', async () => {
    const client = await connect(world.reader.key)
    const before = await deps.db.selectFrom('jobs').select('id').execute()
    for (const [name, args] of [
      ['capture', { target: 'https://example.org/new', html: page }],
      ['research', { brief: 'Anything?' }],
    ] as const) {
      const result = await call(client, name, args)
      expect(result).toMatchObject({ isError: true })
      expect(textOf(result)).toMatch(/^forbidden: .*scope write/)
    }
    expect(await deps.db.selectFrom('jobs').select('id').execute()).toHaveLength(before.length)
    expect((await call(client, 'search', { query: 'entropy' })).isError).not.toBe(true)
  })

  test('a foreign name, a foreign page and a batch are refused; a page of CORS_ORIGINS is not', async () => {
    expect((await post(ping)).status).toBe(200)
    expect((await post(ping, { origin: 'https://evil.example' })).status).toBe(403)
    expect((await post(ping, { origin: 'null' })).status).toBe(403)
    expect((await post(ping, { origin: 'https://app.example.org' })).status).toBe(200)
    const batch = await post([ping, ping])
    expect([batch.status, await batch.text()]).toEqual([400, expect.stringContaining('batches')])
    const app = createApp(deps, logger, { mcpHosts: ['api.example.org'] }).hono
    const asked = (host: string) =>
      app.request('/mcp', {
        method: 'POST',
        headers: {
          host,
          authorization: `Bearer ${world.owner.key}`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
        },
        body: JSON.stringify(ping),
      })
    const statuses = [
      'api.example.org',
      'API.example.org:8443',
      '127.0.0.1:8000',
      '[::1]:8000',
      'localhost',
      'evil.example',
    ]
    const given = await Promise.all(statuses.map(async (host) => [host, (await asked(host)).status]))
    expect(Object.fromEntries(given)).toEqual({
      'api.example.org': 200,
      'API.example.org:8443': 200,
      '127.0.0.1:8000': 200,
      '[::1]:8000': 200,
      localhost: 200,
      'evil.example': 403,
    })
    const get = await fetch(url, { headers: { authorization: `Bearer ${world.owner.key}` } })
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST'])
  })

  test('each request is charged to the key', async () => {
    const left = (response: Response) => Number(/r=(\d+)/.exec(response.headers.get('ratelimit') ?? '')?.[1])
    const first = left(await post(ping))
    expect(left(await post(ping))).toBe(first - 1)
  })
})

describe('bad input', () => {
  test('an unknown tool, an unknown argument, and budgets of 0 and a milliard are named', async () => {
    const client = await connect()
    await expect(call(client, 'delete_all', {})).rejects.toThrow(/delete_all/)
    const refused: [string, Record<string, unknown>, RegExp][] = [
      ['search', { query: 'x', colour: 'red' }, /not known here: colour/],
      ['search', {}, /query/],
      ['search', { query: 'x', maxTokens: 0 }, /maxTokens: must be 1000 or more/],
      ['search', { query: 'x', maxTokens: 1e9 }, /maxTokens: must be 20000 or less/],
      ['search', { query: ' ' }, /must not be blank/],
      ['search', { query: 'x', cursor: 'abc' }, /cursor: is none/],
      ['read', { id: 'nothing' }, /id: must be/],
      ['read', { id: hugeId, cursor: '1; drop' }, /cursor: is none/],
      ['list', { kind: 'users' }, /kind/],
      ['list', { kind: 'authors', authorId: world.authorId }, /authorId: is not known here/],
      ['research', {}, /brief: is required/],
      ['capture', { target: 'http://169.254.169.254/latest/meta-data' }, /./],
    ]
    for (const [name, args, message] of refused) {
      const result = await call(client, name, args)
      expect(textOf(result), JSON.stringify(args)).toMatch(message)
      if (name !== 'capture') expect(result.isError).toBe(true)
      else expect(result.structuredContent).toMatchObject({ status: 'failed', outcome: 'refused' })
    }
    expect(log).toEqual([])
  })

  test('twenty tricks of injected instructions stand within marks that they could not know', async () => {
    expect(tricks.length).toBeGreaterThanOrEqual(20)
    const client = await connect()
    const ids = await deps.db.selectFrom('contents').select('id').where('title', 'like', 'Quokka%').execute()
    const marks = new Set<string>()
    for (const { id } of ids) {
      const { structuredContent } = await call(client, 'read', { id })
      const { untrusted, title, text } = structuredContent as { untrusted: string; title: string; text: string }
      const [, mark = ''] = /\[\[(\w{10})\]\]/.exec(untrusted) ?? []
      marks.add(mark)
      for (const each of [title, text]) {
        expect(each.startsWith(`[[${mark}]]`) && each.endsWith(`[[/${mark}]]`)).toBe(true)
        expect(each.split(mark)).toHaveLength(3)
        // Nothing that a person would not see.
        expect(each).toBe(visible(each))
      }
    }
    expect(marks.size).toBe(ids.length)
    const found = (await call(client, 'search', { query: 'quokka', limit: 50, maxTokens: 20_000 })).structuredContent
    const { untrusted, results } = found as { untrusted: string; results: Record<string, unknown>[] }
    const [, mark = ''] = /\[\[(\w{10})\]\]/.exec(untrusted) ?? []
    for (const { title, author, text } of results) {
      for (const each of [title, author, text])
        expect(each).toMatch(new RegExp(`^\\[\\[${mark}\\]\\][^]*\\[\\[/${mark}\\]\\]$`))
    }
  })
})

describe('research', () => {
  const slow = {
    brief: 'What of order?',
    questions: Array.from({ length: 20 }, (_, n) => `What does paragraph ${n} say?`),
  }

  test('tells how far it is, and ends with a report', async () => {
    const client = await connect()
    const told: number[] = []
    const result = await client.callTool(
      { name: 'research', arguments: { ...slow, waitSeconds: 60 } },
      { onprogress: ({ progress }) => told.push(progress) },
    )
    expect(result.structuredContent).toMatchObject({ status: 'completed', report: expect.stringContaining('[[') })
    expect(told.length).toBeGreaterThan(0)
  })

  test('is left running after its wait, is cancelled by name, and, from 2026-07-28 on, by hanging up', async () => {
    await worker.close()
    try {
      const client = await connect()
      const begun = await call(client, 'research', { ...slow, waitSeconds: 0 })
      const { sessionId, status } = begun.structuredContent as { sessionId: string; status: string }
      expect(status).toBe('in_progress')
      const cancelled = await call(client, 'research', { sessionId, cancel: true })
      expect(cancelled.structuredContent).toMatchObject({ sessionId, status: 'failed' })

      const modern = await connect(undefined, { mode: 'auto' })
      const hangUp = new AbortController()
      const name = `Hung up ${Math.random()}`
      const waiting = modern.callTool(
        { name: 'research', arguments: { ...slow, name, waitSeconds: 60 } },
        { signal: hangUp.signal },
      )
      const session = () =>
        deps.db.selectFrom('researchSessions').select('status').where('name', '=', name).executeTakeFirst()
      await vi.waitFor(async () => expect(await session()).toEqual({ status: 'in_progress' }), 5000)
      hangUp.abort()
      await expect(waiting).rejects.toThrow()
      await vi.waitFor(async () => expect(await session()).toEqual({ status: 'failed' }), 5000)
    } finally {
      worker = openWorker(deps, { jobs: appJobs })
    }
  })
})

test('two servers behind a proxy that takes them by turns: 1,000 calls, no error', async () => {
  const key = await createKeyOf(deps, world.author.userId, 'read')
  await deps.db
    .updateTable('apiKeys')
    .set({ rateLimitPerHour: 100_000 })
    .where('id', '=', key.principal.keyId)
    .execute()
  const targets = [await serve(), await serve()]
  const counts = [0, 0]
  let turn = 0
  const proxy = createServer(async (req, res) => {
    const at = turn++ % targets.length
    counts[at] = (counts[at] ?? 0) + 1
    const body = await Array.fromAsync(req).then((chunks) => Buffer.concat(chunks as Buffer[]))
    const { host: _, connection: __, 'content-length': ___, ...headers } = req.headers
    const answer = await fetch(`${targets[at]}${req.url}`, {
      method: req.method ?? 'POST',
      headers: headers as Record<string, string>,
      ...(body.length > 0 && { body }),
    })
    const { 'content-encoding': ____, 'transfer-encoding': _____, ...sent } = Object.fromEntries(answer.headers)
    res.writeHead(answer.status, sent).end(Buffer.from(await answer.arrayBuffer()))
  })
  const to = `${await listen(proxy)}/mcp`
  const modes: Mode[] = ['legacy', 'auto']
  const clients = await Promise.all(modes.map((mode) => connect(key.key, { to, mode })))
  let failed = 0
  for (let round = 0; round < 125; round++) {
    const calls = clients.flatMap((client) => [
      call(client, 'list', { kind: 'contents', limit: 1 }),
      call(client, 'read', { id: world.contentId }),
      call(client, 'patterns', { limit: 1 }),
      call(client, 'list', { kind: 'authors', limit: 1 }),
    ])
    for (const result of await Promise.allSettled(calls)) {
      if (result.status === 'rejected' || result.value.isError) failed++
    }
  }
  expect(failed).toBe(0)
  expect(counts[0] as number).toBeGreaterThan(490)
  expect(Math.abs((counts[0] as number) - (counts[1] as number))).toBeLessThan(2)
}, 120_000)

test('pnpm mcp serves the same over standard input and output, by a server that runs', async () => {
  const file = fileURLToPath(new URL('../cli/mcp.ts', import.meta.url))
  const env = { EXTROPY_URL: url.replace('/mcp', ''), EXTROPY_KEY: world.owner.key }
  const client = new Client({ name: 'test', version: '1' })
  await client.connect(new StdioClientTransport({ command: process.execPath, args: [file], env }))
  expect((await client.listTools()).tools).toHaveLength(7)
  const found = await call(client, 'search', { query: 'entropy order', limit: 1 })
  expect(found.structuredContent).toMatchObject({ results: [{ title: expect.stringContaining('[[') }] })
  await client.close()

  const wrong = new StdioClientTransport({
    command: process.execPath,
    args: [file],
    env: { ...env, EXTROPY_KEY: 'no' },
  })
  await expect(new Client({ name: 'test', version: '1' }).connect(wrong)).rejects.toThrow(/key/i)
})
