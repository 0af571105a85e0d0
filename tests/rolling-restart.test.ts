import { once } from 'node:events'
import { Agent, createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  createTemplate,
  createTestDatabase,
  removeTemplate,
  type Template,
  type TestDatabase,
} from '@extropy/db/testing'
import { startServer } from '@extropy/server/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'

const requests = 20_000
const callers = 16
const probeEveryMs = 50

type Backend = Awaited<ReturnType<typeof startServer>>

let template: Template
let database: TestDatabase
let env: Record<string, string>
beforeAll(async () => {
  template = await createTemplate(process.env.TEST_DATABASE_URL)
  database = await createTestDatabase(template)
  env = {
    DATABASE_URL: database.url,
    LOG_LEVEL: 'warn',
    RATE_LIMIT_ANONYMOUS_PER_HOUR: '1000000',
    SHUTDOWN_DELAY_MS: String(10 * probeEveryMs),
  }
})
afterAll(async () => {
  await database.close()
  await removeTemplate(template)
})

/** A balancer in front of the servers, as nginx or a cloud's: asks each server whether it is ready, and tries no request twice. */
async function createBalancer(backends: Set<Backend>) {
  const ready = new Set<Backend>()
  const agent = new Agent({ keepAlive: true })
  let turn = 0
  const probe = async () => {
    for (const backend of backends) {
      const answer = await fetch(`${backend.url}/health/ready`).catch(() => undefined)
      if (answer?.ok) ready.add(backend)
      else ready.delete(backend)
    }
    for (const backend of ready) if (!backends.has(backend)) ready.delete(backend)
  }
  const probing = setInterval(probe, probeEveryMs)
  const server: Server = createServer((incoming, outgoing) => {
    const [...choice] = ready
    const backend = choice[turn++ % choice.length]
    if (backend === undefined) return void outgoing.writeHead(502).end()
    const fail = () => outgoing.writeHead(502).end()
    request(new URL(incoming.url ?? '/', backend.url), { agent }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502)
      answer.on('error', () => outgoing.destroy()).pipe(outgoing)
    })
      .on('error', fail)
      .end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    ready,
    close() {
      clearInterval(probing)
      agent.destroy()
      server.close()
    },
  }
}

test('two servers that are restarted one after the other under load lose no request', async () => {
  const backends = new Set(await Promise.all([startServer(env), startServer(env)]))
  const balancer = await createBalancer(backends)
  await expect.poll(() => balancer.ready.size).toBe(2)
  const statuses = new Map<number, number>()
  let asked = 0
  let restarts = 0
  const agent = new Agent({ keepAlive: true, maxSockets: callers })
  const ask = () => {
    const { promise, resolve } = Promise.withResolvers<number>()
    request(`${balancer.url}/api/contents?limit=${1 + (asked % 20)}`, { agent }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0))
    })
      .on('error', () => resolve(0))
      .end()
    return promise
  }
  const caller = async () => {
    // Until both have been restarted, however fast the machine is.
    while (asked < requests || restarts < 2) {
      asked++
      const status = await ask()
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
  }
  const load = Promise.all(Array.from({ length: callers }, caller))
  await sleep(200)
  for (const old of [...backends]) {
    const next = await startServer(env)
    backends.add(next)
    await expect.poll(() => balancer.ready.has(next)).toBe(true)
    old.child.kill('SIGTERM')
    expect(await old.exit()).toBe(0)
    backends.delete(old)
    restarts++
  }
  await load
  expect([...statuses.keys()]).toEqual([200])
  expect(statuses.get(200)).toBeGreaterThanOrEqual(requests)
  balancer.close()
  agent.destroy()
  for (const { child, exit } of backends) {
    child.kill('SIGKILL')
    await exit()
  }
})
