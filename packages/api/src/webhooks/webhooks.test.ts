import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { createIntake, type Intake } from '@extropy/intake'
import { sql } from 'kysely'
import { Webhook } from 'standardwebhooks'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test, vi } from 'vitest'
import { appJobs } from '../app-jobs.ts'
import type { Deps } from '../context.ts'
import { openWorker, type Worker } from '../jobs/worker.ts'
import { createAccount, type TestAccount } from '../testing/accounts.ts'
import { createTestDeps } from '../testing/test-deps.ts'
import { inTransaction } from '../transaction.ts'
import { emit } from './emit.ts'
import { newSecret, signatureHeaders } from './sign.ts'

let database: TestDatabase
let intake: Intake
let deps: Deps
let user: TestAccount
let worker: Worker
let origin: string

interface Call {
  readonly id: string
  readonly path: string
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

/** Paths to what the receiver does there; whatever it is, it writes down the call first. */
const answers = new Map<string, (res: ServerResponse, call: Call) => unknown>()
const calls: Call[] = []
const receiver = createServer(async (req: IncomingMessage, res) => {
  const body = Buffer.concat(await Array.fromAsync(req as AsyncIterable<Buffer>)).toString()
  const headers = req.headers as Record<string, string>
  const call = { id: headers['webhook-id'] ?? '', path: req.url ?? '', body, headers }
  calls.push(call)
  const answer = answers.get(call.path) ?? ((response) => response.writeHead(204).end())
  answer(res, call)
})

beforeAll(async () => {
  await once(receiver.listen(0, '127.0.0.1'), 'listening')
  const { port } = receiver.address() as AddressInfo
  origin = `http://127.0.0.1:${port}`
  database = await createTestDatabase(inject('databaseTemplate'))
  intake = createIntake({ allowPrivate: [`127.0.0.1:${port}`] })
  deps = { ...(await createTestDeps(database)), intake }
})
beforeEach(async () => {
  user = await createAccount(deps)
  worker = openWorker(deps, { jobs: appJobs })
})
afterEach(async () => {
  await worker.close()
  await sql`truncate jobs, webhook_deliveries, webhooks cascade`.execute(deps.db)
  answers.clear()
  calls.length = 0
})
afterAll(async () => {
  receiver.closeAllConnections()
  receiver.close()
  await intake.close()
  await database.close()
})

const create = (path: string, events: 'research.completed'[] = []) =>
  user.as().webhooks.create({ url: origin + path, events })

const tell = (data: Record<string, unknown>) =>
  inTransaction(deps.db, (trx) => emit(trx, { userId: user.userId, type: 'research.completed', data }))

const deliveriesOf = async (id: string) => (await user.as().webhooks.deliveries({ id, limit: 100 })).items

/** Until an attempt has failed. */
const untilPaused = (id: string) =>
  vi.waitFor(async () => expect((await deliveriesOf(id)).some(({ nextAt }) => nextAt !== null)).toBe(true), 20_000)

/** As if the pause after it were over. */
async function endPause(id: string) {
  await untilPaused(id)
  await user.as().webhooks.update({ id, status: 'active' })
}

const orderAt = (path: string) => calls.filter((call) => call.path === path).map(({ body }) => JSON.parse(body).data.n)

describe('an endpoint', () => {
  test('gets every event once and in order, each signed so that the package’s verifier takes it', async () => {
    const { id, secret } = await create('/good')
    for (let n = 0; n < 10; n++) await tell({ n })
    await vi.waitFor(() => expect(calls).toHaveLength(10), 15_000)
    expect(orderAt('/good')).toEqual([...Array(10).keys()])
    for (const { body, headers } of calls) {
      expect(new Webhook(secret).verify(body, headers)).toMatchObject({ type: 'research.completed', data: {} })
      for (const forged of [
        [body.replace('completed', 'failed'), headers],
        [body, { ...headers, 'webhook-id': crypto.randomUUID() }],
        [body, { ...headers, 'webhook-timestamp': String(Number(headers['webhook-timestamp']) - 1) }],
        [body, { ...headers, 'webhook-signature': new Webhook(newSecret()).sign('x', new Date(), body) }],
      ] as const) {
        expect(() => new Webhook(secret).verify(forged[0], forged[1])).toThrow()
      }
    }
    await vi.waitFor(async () =>
      expect(new Set((await deliveriesOf(id)).map(({ status }) => status))).toEqual(new Set(['delivered'])),
    )
  })

  test('gets nothing of a transaction that was undone, of another user, or of a type that it does not take', async () => {
    const { id } = await create('/some', ['research.completed'])
    const other = await createAccount(deps)
    await inTransaction(deps.db, (trx) => emit(trx, { userId: other.userId, type: 'research.completed', data: {} }))
    await inTransaction(deps.db, (trx) => emit(trx, { userId: user.userId, type: 'research.failed', data: {} }))
    const undone = inTransaction(deps.db, async (trx) => {
      await emit(trx, { userId: user.userId, type: 'research.completed', data: {} })
      throw new Error('undone')
    })
    await expect(undone).rejects.toThrow('undone')
    expect(await deliveriesOf(id)).toEqual([])
    expect(await deps.db.selectFrom('jobs').select('id').where('kind', '=', 'webhooks.deliver').execute()).toEqual([])
  })

  test('that fails for a while gets the same message again, and those behind it wait', async () => {
    let left = 2
    answers.set('/fails', (res) => res.writeHead(left-- > 0 ? 500 : 200).end())
    const { id } = await create('/fails')
    for (let n = 0; n < 3; n++) await tell({ n })
    await endPause(id)
    await endPause(id)
    await vi.waitFor(() => expect(orderAt('/fails')).toEqual([0, 0, 0, 1, 2]), 15_000)
    expect(new Set(calls.slice(0, 3).map((call) => call.id)).size).toBe(1)
    const [first] = (await deliveriesOf(id)).toReversed()
    expect(first).toMatchObject({ attempts: 3, log: [{ status: 500 }, { status: 500 }, { status: 200 }] })
  })

  test('that asks for a year is asked again within two hours, and when the day is over', async () => {
    answers.set('/later', (res) => res.writeHead(503, { 'retry-after': String(365 * 86_400) }).end())
    const { id } = await create('/later')
    await tell({ n: 0 })
    await untilPaused(id)
    const nextAt = async () => Date.parse((await deliveriesOf(id))[0]?.nextAt ?? '')
    expect(await nextAt()).toBeLessThanOrEqual(Date.now() + 2 * 3_600_000)
    await sql`update webhook_deliveries set queued_at = now() - interval '23 hours 50 minutes'`.execute(deps.db)
    await user.as().webhooks.update({ id, status: 'active' })
    await vi.waitFor(async () => expect((await deliveriesOf(id))[0]).toMatchObject({ attempts: 2 }), 20_000)
    expect(await nextAt()).toBeLessThan(Date.now() + 20 * 60_000)
  })

  test('that hangs is given up, and asked again', async () => {
    answers.set('/hangs', () => {})
    const { id } = await create('/hangs')
    await tell({ n: 0 })
    await vi.waitFor(() => expect(calls).toHaveLength(1), 5000)
    await vi.waitFor(async () => expect((await deliveriesOf(id))[0]).toMatchObject({ attempts: 1 }), 20_000)
    expect((await deliveriesOf(id))[0]?.log[0]?.message).toMatch(/within 15000 ms/)
    answers.delete('/hangs')
    await endPause(id)
    await vi.waitFor(async () => expect((await deliveriesOf(id))[0]).toMatchObject({ status: 'delivered' }), 5000)
  })

  test('that redirects to a private address is not followed there', async () => {
    answers.set('/redirects', (res) => res.writeHead(307, { location: `${origin}/inside` }).end())
    const { id } = await create('/redirects')
    await tell({ n: 0 })
    await vi.waitFor(
      async () => expect((await deliveriesOf(id))[0]).toMatchObject({ attempts: 1, status: 'pending' }),
      5000,
    )
    expect(calls.map(({ path }) => path)).toEqual(['/redirects'])
  })

  test('that answers 410 is disabled; made active again, it gets what waited', async () => {
    answers.set('/gone', (res) => res.writeHead(410).end())
    const { id } = await create('/gone')
    for (let n = 0; n < 2; n++) await tell({ n })
    await vi.waitFor(async () => expect((await user.as().webhooks.byId({ id })).status).toBe('disabled'), 5000)
    expect(orderAt('/gone')).toEqual([0])
    await expect(user.as().webhooks.test({ id })).rejects.toMatchObject({ code: 'CONFLICT' })
    answers.delete('/gone')
    await user.as().webhooks.update({ id, status: 'active' })
    await vi.waitFor(() => expect(orderAt('/gone')).toEqual([0, 0, 1]), 5000)
  })

  test('is given up after a day, message by message; a replay sends them again in their order', async () => {
    answers.set('/day', (res) => res.writeHead(503).end())
    const { id } = await create('/day')
    for (let n = 0; n < 3; n++) await tell({ n })
    await untilPaused(id)
    await sql`update webhook_deliveries set queued_at = now() - interval '25 hours'`.execute(deps.db)
    await user.as().webhooks.update({ id, status: 'active' })
    await vi.waitFor(
      async () => expect((await deliveriesOf(id)).map(({ status }) => status)).toEqual(['dead', 'dead', 'dead']),
      10_000,
    )
    answers.delete('/day')
    const before = calls.length
    expect(await user.as().webhooks.replay({ id, after: '1', onlyDead: true })).toEqual({ count: 2 })
    await vi.waitFor(() => expect(orderAt('/day').slice(before)).toEqual([1, 2]), 5000)
    await vi.waitFor(async () => expect((await deliveriesOf(id))[0]?.status).toBe('delivered'))
    expect(await user.as().webhooks.replay({ id })).toEqual({ count: 3 })
    await vi.waitFor(() => expect(orderAt('/day').slice(before)).toEqual([1, 2, 0, 1, 2]), 5000)
  })

  test('that many messages wait for gets 20 a run: no run is longer than it may be', async () => {
    const { id } = await create('/many')
    await worker.close()
    for (let n = 0; n < 45; n++) await tell({ n })
    await sql`delete from jobs`.execute(deps.db)
    // One job for all of them, as a replay brings it.
    await user.as().webhooks.update({ id, status: 'active' })
    worker = openWorker(deps, { jobs: appJobs })
    await vi.waitFor(() => expect(orderAt('/many')).toEqual([...Array(45).keys()]), 30_000)
    await vi.waitFor(async () => {
      const { rows } = await sql<{ sent: number }>`
        select (result ->> 'sent')::int as sent from jobs where kind = 'webhooks.deliver' order by created_at`.execute(
        deps.db,
      )
      expect(rows).toEqual([{ sent: 20 }, { sent: 20 }, { sent: 5 }])
    }, 10_000)
  })

  test('whose worker is killed between the call and its note gets the message again, and none is lost', async () => {
    await worker.close()
    const { id } = await create('/killed')
    for (let n = 0; n < 5; n++) await tell({ n })
    const lost = openWorker(deps, { jobs: appJobs, leaseMs: 300 })
    let cut = 0
    answers.set('/killed', async (res, { id: message }) => {
      // The run loses its job while the receiver works, twice: as after a kill, another one takes it up.
      if (cut < 2) {
        cut++
        await sql`update jobs set fence = fence + 1, status = 'queued', lease_until = null where status = 'running'
          and kind = 'webhooks.deliver'`.execute(deps.db)
      }
      expect(message).not.toBe('')
      res.writeHead(200).end()
    })
    await vi.waitFor(
      async () => expect((await deliveriesOf(id)).every(({ status }) => status === 'delivered')).toBe(true),
      20_000,
    )
    await lost.close()
    const order = orderAt('/killed') as number[]
    expect(new Set(order)).toEqual(new Set([0, 1, 2, 3, 4]))
    expect(order.length).toBeGreaterThan(5)
    expect(order).toEqual(order.toSorted())
    worker = openWorker(deps, { jobs: appJobs })
  })
})

describe('secrets and limits', () => {
  test('both secrets sign during the overlap, and only the new one after it', async () => {
    const { id, secret: old } = await create('/rotates')
    const { secret } = await user.as().webhooks.rotate({ id, overlapHours: 1 })
    await user.as().webhooks.test({ id })
    await vi.waitFor(() => expect(calls).toHaveLength(1), 5000)
    const [during] = calls as [Call]
    for (const each of [old, secret]) expect(new Webhook(each).verify(during.body, during.headers)).toBeTruthy()
    await sql`update webhooks set previous_until = now() - interval '1 second'`.execute(deps.db)
    await user.as().webhooks.test({ id })
    await vi.waitFor(() => expect(calls).toHaveLength(2), 5000)
    const [, after] = calls as [Call, Call]
    expect(new Webhook(secret).verify(after.body, after.headers)).toMatchObject({ type: 'webhook.test' })
    expect(() => new Webhook(old).verify(after.body, after.headers)).toThrow()
  })

  test('the signature is the one of the specification’s example', () => {
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
    const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}' }
    expect(signatureHeaders(message, [secret], new Date(1_614_265_330_000))).toMatchObject({
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    })
  })

  test('private addresses and odd ones are refused with their field, and so is the 21st', async () => {
    for (const url of [
      'http://10.0.0.1/x',
      'http://localhost/x',
      'http://[::1]/',
      'http://169.254.169.254/',
      'ftp://example.org',
      'http://u:p@127.0.0.1/',
      'no',
    ]) {
      await expect(user.as().webhooks.create({ url }), url).rejects.toMatchObject({
        code: 'BAD_REQUEST',
        message: expect.stringMatching(/^url: |must be an http or https address/),
      })
    }
    for (let n = 0; n < 20; n++) await create(`/${n}`)
    await expect(create('/20')).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('at most 20'),
    })
  })

  test('nobody sees or touches another user’s, and no list shows a secret', async () => {
    const { id, secret } = await create('/mine')
    const other = (await createAccount(deps)).as().webhooks
    for (const act of [other.byId, other.delete, other.deliveries, other.replay, other.rotate, other.test]) {
      await expect(act({ id })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    }
    await expect(other.update({ id, status: 'disabled' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const shown = JSON.stringify([await user.as().webhooks.list(), await user.as().webhooks.byId({ id })])
    expect(shown).not.toContain(secret)
  })
})
