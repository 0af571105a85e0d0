import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { createKey, type RunningProcess, startServer } from '@extropy/server/testing'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'

const events = 8
const kills = 2
const seed = 11

interface Call {
  readonly path: string
  readonly id: string
  readonly timestamp: string
  readonly signature: string
  readonly body: string
}

const calls: Call[] = []
/** A private address that nobody allowed. */
const inside: string[] = []
let receiver: Server
let internal: Server
let folder: string

async function listen(answer: (request: IncomingMessage, response: ServerResponse) => unknown): Promise<Server> {
  const server = createServer(answer)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return server
}

const portOf = (server: Server) => (server.address() as AddressInfo).port

/** Each is asked after the call was written down. */
const answers: Readonly<Record<string, (response: ServerResponse, nth: number) => unknown>> = {
  '/good': (response) => response.writeHead(204).end(),
  '/fails': (response, nth) => (nth === 3 ? response.destroy() : response.writeHead(nth === 6 ? 503 : 200).end()),
  // It never answers the second one.
  '/hangs': (response, nth) => nth !== 2 && response.writeHead(204).end(),
  '/redirects': (response) => response.writeHead(302, { location: `http://127.0.0.1:${portOf(internal)}/admin` }).end(),
  '/gone': (response) => response.writeHead(410).end(),
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'extropy-webhooks-kill-'))
  internal = await listen((request, response) => {
    inside.push(request.url ?? '')
    response.writeHead(204).end()
  })
  receiver = await listen(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString()
    const path = request.url ?? ''
    const header = (name: string) => String(request.headers[name] ?? '')
    const [id, timestamp, signature] = [
      header('webhook-id'),
      header('webhook-timestamp'),
      header('webhook-signature'),
    ] as const
    calls.push({ path, id, timestamp, signature, body })
    answers[path]?.(response, calls.filter((call) => call.path === path).length)
  })
})
afterAll(async () => {
  for (const server of [receiver, internal]) {
    server.closeAllConnections()
    server.close()
  }
  await rm(folder, { recursive: true })
})

/** As Standard Webhooks says it, beside the package that signs. */
function isSigned({ id, timestamp, body, signature }: Call, secret: string): boolean {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  return signature.split(' ').includes(`v1,${expected}`)
}

interface Delivery {
  readonly id: string
  readonly status: string
}

test('a server that is killed again and again tells each event at least once, in order, to whatever a receiver does', async () => {
  let state = seed
  const random = () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
  const env = {
    DATABASE_URL: join(folder, 'data'),
    LOG_LEVEL: 'error',
    FETCH_ALLOW_PRIVATE: `127.0.0.1:${portOf(receiver)}`,
  }
  const key = await createKey(env, '--rate-limit', '100000')
  let server: RunningProcess & { readonly url: string } = await startServer(env)
  onTestFinished(() => void server.child.kill('SIGKILL'))
  const { port } = new URL(server.url)
  const ask = async <Answer>(method: string, path: string, body?: object): Promise<Answer> => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    const given = body === undefined ? {} : { body: JSON.stringify(body) }
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers, ...given })
    if (!response.ok) throw new Error(await response.text())
    return (await response.json()) as Answer
  }
  const endpoints = new Map<string, { readonly id: string; readonly secret: string }>()
  for (const path of Object.keys(answers)) {
    const url = `http://127.0.0.1:${portOf(receiver)}${path}`
    endpoints.set(path, await ask('POST', '/api/webhooks', { url }))
  }
  const idOf = (path: string) => endpoints.get(path)?.id ?? ''

  /** Each is asked for until its answer comes: of one that is cut off nobody knows. */
  const emit = async () => {
    for (const path of Object.keys(answers)) {
      for (let done = 0; done < (path === '/gone' ? 1 : events); ) {
        await ask('POST', `/api/webhooks/${idOf(path)}/test`).then(
          () => done++,
          () => setTimeout(50),
        )
      }
    }
  }
  const emitting = emit()
  for (let kill = 0; kill < kills; kill++) {
    await setTimeout(200 + 800 * random())
    server.child.kill('SIGKILL')
    await server.exit()
    server = await startServer({ ...env, PORT: port })
  }
  await emitting

  const deliveriesOf = async (path: string) =>
    (await ask<{ items: Delivery[] }>('GET', `/api/webhooks/${idOf(path)}/deliveries?limit=100`)).items.toReversed()
  for (const path of ['/good', '/fails', '/hangs']) {
    const pending = async () => (await deliveriesOf(path)).filter(({ status }) => status !== 'delivered').length
    await expect.poll(pending, { timeout: 90_000, interval: 250 }).toBe(0)
    const ids = (await deliveriesOf(path)).map(({ id }) => id)
    expect(ids.length).toBeGreaterThanOrEqual(events)
    // In the order in which they first came, none missing and none of somebody else's; a repeated one repeats the latest.
    const came = calls.filter((call) => call.path === path).map(({ id }) => id)
    expect([...new Set(came)]).toEqual(ids)
    expect(came.filter((id, at) => at > 0 && ids.indexOf(id) < ids.indexOf(came[at - 1] ?? ''))).toEqual([])
  }
  for (const call of calls) {
    const { secret = '' } = endpoints.get(call.path) ?? {}
    const [other = ''] = [...endpoints].filter(([path]) => path !== call.path).map(([, { secret }]) => secret)
    expect(isSigned(call, secret)).toBe(true)
    const forged = [
      { ...call, body: `${call.body} ` },
      { ...call, id: 'x' },
      { ...call, timestamp: '1' },
    ]
    expect([...forged.map((each) => isSigned(each, secret)), isSigned(call, other)]).toEqual([
      false,
      false,
      false,
      false,
    ])
  }
  expect(inside).toEqual([])
  expect((await deliveriesOf('/redirects')).filter(({ status }) => status === 'delivered')).toEqual([])
  expect(calls.some(({ path }) => path === '/redirects')).toBe(true)
  expect(await ask('GET', `/api/webhooks/${idOf('/gone')}`)).toMatchObject({ status: 'disabled' })
}, 300_000)
