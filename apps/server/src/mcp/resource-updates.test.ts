import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { appJobs, type Deps, followWrites, openWorker, type Worker } from '@extropy/api'
import { contentLine, createTestDeps, createWorld, ingestLines, type World } from '@extropy/api/testing'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest'
import { createApp } from '../http/app.ts'
import { createHttpServer } from '../http/http-server.ts'

let database: TestDatabase
let deps: Deps
let world: World
let worker: Worker
let following: ReturnType<typeof followWrites>
let server: Server
let url: string
let isStopping = false
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  deps = await createTestDeps(database)
  world = await createWorld(deps)
  worker = openWorker(deps, { jobs: appJobs.filter(({ kind }) => kind === 'subscriptions.recompute') })
  // A batch ends with each write below.
  following = followWrites(deps, { quietMs: 3_600_000, mostWaitMs: 3_600_000 })
  const logger = pino({ level: 'silent' })
  server = createHttpServer(createApp({ ...deps, isStopping: () => isStopping }, logger, {}), logger)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await following.close()
  await worker.close()
  await database.close()
})

/** What the animal eats from now on. */
async function write(animal: string, food: string) {
  await writeText(animal, `The ${animal} eats ${food}.`)
}

async function writeText(title: string, body: string) {
  await ingestLines(deps, [contentLine({ source_url: `https://example.org/${title}`, title, body })])
  await following.flush()
}

async function watch(animal: string, kind: 'answer' | 'search' = 'answer') {
  const subscription = { kind, question: `What does the ${animal} eat?` }
  const { id } = await world.owner.as().subscriptions.create(subscription)
  return `extropy://subscriptions/${id}`
}

function hear(client: Client): string[] {
  const heard: string[] = []
  client.setNotificationHandler('notifications/resources/updated', ({ params }) => void heard.push(params.uri))
  return heard
}

async function connect(key: string): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'auto' } })
  const requestInit = { headers: { authorization: `Bearer ${key}` } }
  await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', url), { requestInit }))
  onTestFinished(() => client.close())
  return client
}

/** By `pnpm mcp`, as a desktop client does. */
async function connectProgram(mode: 'legacy' | 'auto'): Promise<Client> {
  const file = fileURLToPath(new URL('../cli/mcp.ts', import.meta.url))
  const env = { EXTROPY_URL: url, EXTROPY_KEY: world.owner.key }
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } })
  await client.connect(new StdioClientTransport({ command: process.execPath, args: [file], env }))
  onTestFinished(() => client.close())
  return client
}

const textOf = async (client: Client, uri: string) => {
  const { contents } = await client.readResource({ uri })
  return JSON.stringify(contents)
}

const soon = { timeout: 20_000 }

test('a client that listens over HTTP hears of the difference, and of no other write', async () => {
  await write('quoll', 'moths')
  await writeText('Porto', 'Trains to Porto leave at seven.')
  const [quoll, porto] = [await watch('quoll'), await watch('Porto', 'search')]
  const client = await connect(world.owner.key)
  const heard = hear(client)
  const listening = await client.listen({ resourceSubscriptions: [quoll] })
  expect(listening.honoredFilter).toEqual({ resourceSubscriptions: [quoll] })
  expect(await textOf(client, quoll)).toContain('The quoll eats moths.')
  await write('quoll', 'frogs')
  await expect.poll(() => heard, soon).toEqual([quoll])
  expect(await textOf(client, quoll)).toMatch(/before.*eats moths.*after.*eats frogs/)
  // It was not asked for.
  await writeText('Porto', 'Trains to Porto leave at nine.')
  await expect.poll(async () => textOf(client, porto), soon).toContain('leave at nine')
  await write('quoll', 'roots')
  await expect.poll(() => heard, soon).toEqual([quoll, quoll])
  await listening.close()
  expect(await listening.closed).toBe('local')
})

test('another’s subscription, another resource and too many of them are refused in words', async () => {
  const uri = await watch('owl')
  const stranger = await connect(world.stranger.key)
  await expect(stranger.listen({ resourceSubscriptions: [uri] })).rejects.toThrow(/no such subscription of yours/)
  await expect(stranger.readResource({ uri })).rejects.toThrow(/no such subscription of yours/)
  const owner = await connect(world.owner.key)
  const content = `extropy://contents/${world.contentId}`
  await expect(owner.listen({ resourceSubscriptions: [uri, content] })).rejects.toThrow(/only extropy:..subscriptions/)
  const many = Array.from({ length: 21 }, (_, n) => uri.replace(/..$/, String(10 + n)))
  await expect(owner.listen({ resourceSubscriptions: many })).rejects.toThrow(/at most 20/)
  const program = await connectProgram('legacy')
  await expect(program.subscribeResource({ uri: content })).rejects.toThrow(/only extropy:..subscriptions/)
  await expect(program.subscribeResource({ uri: uri.replace(/......$/, 'abcdef') })).rejects.toThrow(
    /no such subscription/,
  )
})

test.each(['legacy', 'auto'] as const)('pnpm mcp tells clients of the protocol, %s', async (mode) => {
  const animal = `bilby${mode}`
  await write(animal, 'ants')
  const uri = await watch(animal)
  const client = await connectProgram(mode)
  const heard = hear(client)
  expect(client.getServerCapabilities()?.resources).toMatchObject({ subscribe: true })
  if (mode === 'legacy') await client.subscribeResource({ uri })
  else await client.listen({ resourceSubscriptions: [uri] })
  await write(animal, 'bulbs')
  await expect.poll(() => heard, soon).toEqual([uri])
  if (mode === 'legacy') await client.unsubscribeResource({ uri })
})

test('over HTTP a client of the older protocol is promised nothing', async () => {
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'legacy' } })
  const requestInit = { headers: { authorization: `Bearer ${world.owner.key}` } }
  await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', url), { requestInit }))
  onTestFinished(() => client.close())
  expect(client.getServerCapabilities()?.resources?.subscribe).not.toBe(true)
})

// The last one: it stops the server.
test('a server that stops ends the stream in order', async () => {
  const client = await connect(world.owner.key)
  const listening = await client.listen({ resourceSubscriptions: [await watch('wombat')] })
  isStopping = true
  expect(await listening.closed).toBe('graceful')
})
