import { setTimeout } from 'node:timers/promises'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { z } from 'zod'
import type { Deps } from '../context.ts'
import { createAccount, type TestAccount } from '../testing/accounts.ts'
import { createTestDeps } from '../testing/test-deps.ts'
import { defineJob } from './define-job.ts'
import { enqueue } from './enqueue.ts'
import { followJob } from './jobs.events.ts'
import type { JobEvent } from './jobs.schema.ts'
import { claimJobs, endRuns, showProgress } from './queue.ts'

let database: TestDatabase
let deps: Deps
let owner: TestAccount
let stranger: TestAccount
let admin: TestAccount
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  deps = await createTestDeps(database)
  owner = await createAccount(deps)
  stranger = await createAccount(deps)
  admin = await createAccount(deps, { scope: 'admin' })
})
afterAll(() => database.close())

const ownJob = defineJob({
  kind: 'test.own',
  seenBy: 'user',
  input: z.strictObject({}),
  subject: () => 'example.org',
  run: async () => {},
})
const systemJob = defineJob({ kind: 'test.system', seenBy: 'admins', input: z.strictObject({}), run: async () => {} })

const begin = async () => (await enqueue(deps.db, ownJob, {}, { userId: owner.userId })).id
const idsOf = ({ items }: { items: readonly { id: string }[] }) => items.map(({ id }) => id)

describe('jobs', () => {
  test('are their user’s and admins’; to anybody else they are not there', async () => {
    const id = await begin()
    expect(await owner.as().jobs.byId({ id })).toMatchObject({
      kind: 'test.own',
      subject: 'example.org',
      status: 'queued',
    })
    expect(await admin.as().jobs.byId({ id })).toMatchObject({ id, userId: owner.userId })
    const { byId, cancel, retry, events } = stranger.as().jobs
    for (const call of [byId, cancel, retry, events]) {
      await expect(call({ id })).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: `There is no job with the id ${id}.`,
      })
    }
    expect(idsOf(await owner.as().jobs.list())).toContain(id)
    expect(idsOf(await admin.as().jobs.list())).toContain(id)
    expect(idsOf(await stranger.as().jobs.list())).toEqual([])
    await expect(stranger.as().jobs.list({ userId: owner.userId })).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })

  test('of the server itself are for admins alone', async () => {
    const { id } = await enqueue(deps.db, systemJob, {})
    expect(await admin.as().jobs.byId({ id })).toMatchObject({ userId: null })
    await expect(owner.as().jobs.byId({ id })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test('are listed by kind and status', async () => {
    const id = await begin()
    await owner.as().jobs.cancel({ id })
    expect(idsOf(await owner.as().jobs.list({ status: 'cancelled', kind: 'test.own' }))).toEqual([id])
    expect(idsOf(await owner.as().jobs.list({ kind: 'test.system' }))).toEqual([])
  })

  test('that cannot be retried say why', async () => {
    const id = await begin()
    await expect(owner.as().jobs.retry({ id })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: 'id: the job is queued: it need not be retried',
    })
    await owner.as().jobs.cancel({ id })
    expect(await owner.as().jobs.retry({ id })).toMatchObject({ status: 'queued', finishedAt: null })
  })

  test('whose place another has taken are not retried beside it', async () => {
    const options = { userId: owner.userId, singletonKey: 'one' }
    const { id } = await enqueue(deps.db, ownJob, {}, options)
    await owner.as().jobs.cancel({ id })
    await enqueue(deps.db, ownJob, {}, options)
    await expect(owner.as().jobs.retry({ id })).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  test('name the field of an input that is wrong', async () => {
    const { list, byId, events } = owner.as().jobs
    for (const wrong of [
      list({ status: 'lost' as never }),
      byId({ id: 'x' }),
      events({ id: crypto.randomUUID(), lastEventId: 'x' }),
    ]) {
      await expect(wrong).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    }
  })

  test('that an admin cancels for another are written into the audit log', async () => {
    const id = await begin()
    await admin.as().jobs.cancel({ id })
    const { items } = await admin.as().audit.list()
    expect(items[0]).toMatchObject({ action: 'jobs.cancel', target: id, details: { ownerId: owner.userId } })
  })
})

describe('the events of a job', () => {
  const shown = (done: number) => ({
    done,
    total: 10,
    perSecond: 1,
    log: JSON.stringify([{ at: 'now', text: `${done}` }]),
  })
  const claimNext = async () => {
    const [claimed] = await claimJobs(deps.db, { deadlinesMs: new Map([['test.own', 1000]]), most: 1, leaseMs: 60_000 })
    return claimed as NonNullable<typeof claimed>
  }

  test('go on behind the last one that was seen, and end with the job', async () => {
    await sql`delete from jobs`.execute(deps.db)
    const id = await begin()
    const held = await claimNext()
    await showProgress(deps.db, held, shown(1))
    const { signal } = new AbortController()
    const first = await followJob(deps.db, { id }, { signal })
    const { value } = await first.next()
    expect(value).toMatchObject({ type: 'progress', job: { id, status: 'running', progress: { done: 1 } } })
    await first.return()
    const seen = (value as JobEvent).id

    const events: JobEvent[] = []
    const reading = (async () => {
      for await (const event of await followJob(deps.db, { id }, { signal, lastEventId: seen })) events.push(event)
    })()
    await setTimeout(400)
    expect(events).toEqual([])
    await showProgress(deps.db, held, shown(2))
    await expect.poll(() => events.length).toBe(1)
    await endRuns(deps.db, [{ ...held, end: { status: 'succeeded', result: '{"n":1}' }, shown: shown(10) }])
    await reading
    expect(events.map(({ type, job }) => [type, job.progress?.done, job.status])).toEqual([
      ['progress', 2, 'running'],
      ['done', 10, 'succeeded'],
    ])
    expect(Number(events[0]?.id)).toBeGreaterThan(Number(seen))
    const again = await followJob(deps.db, { id }, { signal })
    expect((await again.next()).value).toMatchObject({ type: 'done', job: { result: { n: 1 } } })
    expect((await again.next()).done).toBe(true)
  })

  test('end when the caller goes, and when the server stops', async () => {
    const id = await begin()
    const leaving = new AbortController()
    const left = await followJob(deps.db, { id }, { signal: leaving.signal })
    await left.next()
    const next = left.next()
    leaving.abort()
    await expect(next).rejects.toMatchObject({ name: 'AbortError' })
    const stopped = await followJob(deps.db, { id }, { signal: new AbortController().signal, isStopping: () => true })
    await stopped.next()
    expect(await stopped.next()).toEqual({ done: true, value: undefined })
  })
})
