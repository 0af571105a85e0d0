import { setTimeout } from 'node:timers/promises'
import { openNotifications, rawWrite } from '@extropy/db'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { z } from 'zod'
import type { Deps } from '../context.ts'
import { createAccount, type TestAccount } from '../testing/accounts.ts'
import { createTestDeps } from '../testing/test-deps.ts'
import { inTransaction } from '../transaction.ts'
import { type AnyJob, defineJob, type JobContext, JobError, JobLostError, JobPostponed } from './define-job.ts'
import { enqueue, enqueueAll, jobsChannel } from './enqueue.ts'
import { cancelJob, retryJob } from './jobs.commands.ts'
import { whenEnded } from './jobs.events.ts'
import { type ClaimedJob, claimJobs, endRuns, reclaimLost, renewLeases, showProgress } from './queue.ts'
import { backoffMs, createContext } from './run-job.ts'
import { createRunLog } from './run-log.ts'
import { openWorker, type Worker, type WorkerOptions } from './worker.ts'

let database: TestDatabase
let deps: Deps
let user: TestAccount
const workers: { close(): Promise<void> }[] = []

beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  deps = await createTestDeps(database)
  user = await createAccount(deps)
  await sql`create table effects (name text not null)`.execute(database.db)
})
beforeEach(async () => {
  await sql`truncate effects`.execute(database.db)
  await sql`delete from jobs`.execute(database.db)
})
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.close()
})
afterAll(() => database.close())

/** A job for this test, whose run is the test's own. */
const jobOf = <Result>(
  run: (context: JobContext<{ n: number }>) => Promise<Result>,
  options: Partial<Omit<AnyJob, 'run' | 'input'>> = {},
) => defineJob({ kind: 'test.job', seenBy: 'admins', input: z.strictObject({ n: z.number() }), run, ...options })

async function work(jobs: readonly AnyJob[], options: Partial<WorkerOptions> = {}): Promise<Worker> {
  let isHearing = false
  const worker = openWorker(deps, { jobs, isHearing: () => isHearing, ...options })
  const notifications = await openNotifications(database, {
    channel: jobsChannel,
    onNotification: worker.hear,
    onListening: () => {
      isHearing = true
      worker.lookAgain()
    },
    url: database.url,
  })
  workers.push({
    async close() {
      await worker.close()
      await notifications.close()
    },
  })
  await expect.poll(() => isHearing, { timeout: 10_000 }).toBe(true)
  return worker
}

const ended = (id: string, waitMs = 20_000) => whenEnded(deps.db, id, { waitMs })
const effects = async () => {
  const { rows } = await sql<{ name: string }>`select name from effects order by name`.execute(deps.db)
  return rows.map(({ name }) => name)
}
/** A job's effect, in a table that no answer is made of. */
const effect = (name: string) => rawWrite(['jobs'], sql`insert into effects (name) values (${name})`)

describe('a queue', () => {
  test('has a job when its writer’s transaction commits, and never where it does not', async () => {
    const job = jobOf(async ({ input }) => ({ twice: 2 * input.n }))
    await work([job])
    let undone = ''
    const failing = inTransaction(deps.db, async (trx) => {
      undone = (await enqueue(trx, job, { n: 1 })).id
      throw new Error('undone')
    })
    await expect(failing).rejects.toThrow('undone')
    const { id } = await inTransaction(deps.db, (trx) => enqueue(trx, job, { n: 2 }))
    expect(await ended(id)).toMatchObject({ status: 'succeeded', result: { twice: 4 }, attempt: 1, error: null })
    await expect(ended(undone)).rejects.toThrow('There is no job')
  })

  test('refuses at once to be filled beside the transaction that is open, which on one connection would wait for ever', async () => {
    const job = jobOf(async () => {})
    const beside = inTransaction(deps.db, () => enqueue(deps.db, job, { n: 1 }))
    await expect(beside).rejects.toThrow('Enqueue with the transaction')
  })

  test('refuses an input that is not the kind’s, and a user where none belongs', async () => {
    const job = jobOf(async () => {})
    await expect(enqueue(deps.db, job, { n: 'one' as never })).rejects.toMatchObject({ name: 'ZodError' })
    await expect(enqueue(deps.db, job, { n: 1 }, { userId: user.userId })).rejects.toThrow('takes no userId')
  })

  test('has one job for each singleton key until that has ended', async () => {
    const job = jobOf(async () => {}, { singletonKey: ({ n }) => `key ${n}` })
    const first = await enqueue(deps.db, job, { n: 1 })
    expect(await enqueue(deps.db, job, { n: 1 })).toEqual({ id: first.id, isNew: false })
    expect(await enqueueAll(deps.db, job, [{ n: 1 }, { n: 2 }, { n: 2 }])).toBe(1)
    await work([job])
    await ended(first.id)
    expect(await enqueue(deps.db, job, { n: 1 })).toMatchObject({ isNew: true })
  })

  test('keeps a job until its time has come', async () => {
    const job = jobOf(async () => Date.now())
    await work([job])
    const runAfter = new Date(Date.now() + 1500)
    const { id } = await enqueue(deps.db, job, { n: 1 }, { runAfter })
    const { result } = await ended(id)
    expect(result).toBeGreaterThanOrEqual(runAfter.getTime())
  })
})

describe('limits', () => {
  /** Runs jobs on two workers, and counts how many run at once under each name. */
  async function mostAtOnce(
    count: number,
    options: Partial<AnyJob>,
    nameOf: (n: number) => string,
  ): Promise<Map<string, number>> {
    const now = new Map<string, number>()
    const most = new Map<string, number>()
    const job = jobOf(async ({ input }) => {
      const name = nameOf(input.n)
      const running = (now.get(name) ?? 0) + 1
      now.set(name, running)
      most.set(name, Math.max(running, most.get(name) ?? 0))
      await setTimeout(5)
      now.set(name, (now.get(name) ?? 0) - 1)
    }, options)
    await Promise.all([work([job]), work([job])])
    const userId = job.seenBy === 'user' ? user.userId : undefined
    await enqueueAll(
      deps.db,
      job,
      Array.from({ length: count }, (_, n) => ({ n })),
      { userId },
    )
    await expect.poll(async () => (await countBy('succeeded')) === count, { timeout: 20_000 }).toBe(true)
    return most
  }

  test('of a lane are strict, also when two workers claim at once, and full lanes hold up nobody', async () => {
    const host = (n: number) => (n < 40 ? 'busy' : `quiet${n}`)
    const most = await mostAtOnce(60, { concurrency: { lanes: ({ n }) => ({ [`host:${host(n)}`]: 1 }) } }, host)
    expect(Math.max(...most.values())).toBe(1)
    const rows = await deps.db.selectFrom('jobs').select(['input', 'finishedAt']).orderBy('finishedAt').execute()
    const place = rows.findLastIndex(({ input }) => (input as { n: number }).n >= 40)
    expect(place).toBeLessThan(55)
  })

  test('of a kind and of a user are strict', async () => {
    expect((await mostAtOnce(30, { concurrency: { ofKind: 3 } }, () => 'all')).get('all')).toBe(3)
    await sql`delete from jobs`.execute(deps.db)
    for (const worker of workers.splice(0)) await worker.close()
    const most = await mostAtOnce(30, { seenBy: 'user', concurrency: { ofUser: 2 } }, () => 'mine')
    expect(most.get('mine')).toBe(2)
  })
})

describe('places of a worker', () => {
  test('are never all a group’s: each of its kinds leaves as many to others as it says', async () => {
    const go = Promise.withResolvers<void>()
    const slow = (kind: string, leaving: number) =>
      jobOf(() => go.promise, { kind, concurrency: { ofWorker: { group: 'slow', leaving } } })
    const patient = slow('test.patient', 4)
    const urgent = slow('test.urgent', 2)
    const other = jobOf(async () => {}, { kind: 'test.other' })
    const worker = await work([patient, urgent, other], { concurrency: 10 })
    const inputs = Array.from({ length: 60 }, (_, n) => ({ n }))
    await enqueueAll(deps.db, patient, inputs)
    await expect.poll(() => worker.stats().runningHere, { timeout: 20_000 }).toBeGreaterThanOrEqual(6)
    await enqueueAll(deps.db, urgent, inputs)
    await expect.poll(() => worker.stats().runningHere, { timeout: 20_000 }).toBeGreaterThanOrEqual(8)
    expect(await ended((await enqueue(deps.db, other, { n: 1 })).id)).toMatchObject({ status: 'succeeded' })
    const running = await deps.db.selectFrom('jobs').select('kind').where('status', '=', 'running').execute()
    const counts = Map.groupBy(running, ({ kind }) => kind)
    expect([counts.get('test.patient')?.length, counts.get('test.urgent')?.length]).toEqual([6, 2])
    await deps.db.deleteFrom('jobs').where('status', '=', 'queued').execute()
    go.resolve()
  })

  test('are a group’s where there is but one', async () => {
    const job = jobOf(async () => {}, { concurrency: { ofWorker: { group: 'slow', leaving: 4 } } })
    await work([job], { concurrency: 1 })
    expect(await ended((await enqueue(deps.db, job, { n: 1 })).id)).toMatchObject({ status: 'succeeded' })
  })
})

describe('two claims at once', () => {
  const claim = (db: Deps['db']) =>
    claimJobs(db, { deadlinesMs: new Map([['test.job', 60_000]]), most: 10, leaseMs: 60_000 })

  test('do not both fill the last place of a lane: the second waits until the first one’s runs are seen', async () => {
    // The one connection of the embedded database lets nobody claim meanwhile.
    if (database.kind === 'embedded') return
    await enqueueAll(
      deps.db,
      jobOf(async () => {}, { concurrency: { lanes: () => ({ one: 1 }) } }),
      // More than one look at candidates, each of which locks the rows that it sees.
      Array.from({ length: 60 }, (_, n) => ({ n })),
    )
    const claimed = Promise.withResolvers<void>()
    const go = Promise.withResolvers<void>()
    const first = holdingCommit(database, async (db) => {
      const jobs = await claim(db)
      claimed.resolve()
      await go.promise
      return jobs
    })
    await claimed.promise
    let isOver = false
    const second = claim(deps.db).finally(() => {
      isOver = true
    })
    await expect.poll(async () => isOver || (await countWaiting()) === 1, { timeout: 20_000 }).toBe(true)
    go.resolve()
    expect(await first).toHaveLength(1)
    expect(await second).toEqual([])
  })
})

/** `work` has a database whose every transaction is a part of this one, which commits when `work` has ended. */
function holdingCommit<Result>({ db }: TestDatabase, work: (db: Deps['db']) => Promise<Result>): Promise<Result> {
  return db.transaction().execute((trx) => {
    const inside = new Proxy(trx, {
      get(target, key) {
        if (key === 'transaction') return () => ({ execute: (part: (trx: unknown) => unknown) => part(target) })
        const value = Reflect.get(target, key, target)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    return work(inside as Deps['db'])
  })
}

/** Claims that wait for another one, in this database. */
async function countWaiting(): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from pg_locks
    where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())`.execute(
    database.db,
  )
  return rows[0]?.count ?? 0
}

const countBy = async (status: 'succeeded') => {
  const { rows } = await sql<{
    count: number
  }>`select count(*)::int as count from jobs where status = ${status}`.execute(deps.db)
  return rows[0]?.count
}

describe('a run that fails', () => {
  const quick = { runs: 3, firstMs: 1, mostMs: 5 }

  test('is tried again, is dead after its last run, and runs again when it is retried', async () => {
    let isBroken = true
    const job = jobOf(
      async () => {
        if (isBroken) throw new Error('a secret of ours')
      },
      { retry: quick },
    )
    await work([job])
    const { id } = await enqueue(deps.db, job, { n: 1 })
    const dead = await ended(id)
    expect(dead).toMatchObject({ status: 'dead', attempt: 3 })
    expect(dead.error).not.toContain('secret')
    isBroken = false
    expect(await retryJob(deps.db, { id })).toMatchObject({ status: 'queued', attempt: 0 })
    expect(await ended(id)).toMatchObject({ status: 'succeeded', attempt: 1, error: null })
    await expect(retryJob(deps.db, { id })).rejects.toThrow('has succeeded')
  })

  test('says when to try again, or that it is of no use', async () => {
    const job = jobOf(async ({ attempt, input }) => {
      if (input.n === 0) throw new JobError('The feed is gone.', { retryMs: 'never' })
      if (attempt === 1) throw new JobError('The host asks to wait.', { retryMs: 300 })
      return Date.now()
    })
    await work([job])
    const [gone, later] = await Promise.all([enqueue(deps.db, job, { n: 0 }), enqueue(deps.db, job, { n: 1 })])
    expect(await ended(gone.id)).toMatchObject({ status: 'failed', error: 'The feed is gone.', attempt: 1 })
    const { startedAt, createdAt } = await ended(later.id)
    expect(Date.parse(startedAt ?? '') - Date.parse(createdAt)).toBeGreaterThanOrEqual(300)
  })

  test('is no failure where it was not the time for it: the job waits in the queue, and that run counts for nothing', async () => {
    let runs = 0
    const job = jobOf(
      async ({ attempt }) => {
        if (++runs < 4) throw new JobPostponed('The host is busy.', 10)
        return attempt
      },
      { retry: { ...quick, runs: 1 } },
    )
    const reports: unknown[] = []
    await work([job], { onEnded: ({ status, error }) => reports.push([status, error]) })
    const { id } = await enqueue(deps.db, job, { n: 1 })
    expect(await ended(id)).toMatchObject({ status: 'succeeded', result: 1, attempt: 1, error: null })
    expect(reports.slice(0, 3)).toEqual(Array(3).fill(['queued', undefined]))
  })

  test('of an input that this release cannot read fails for good', async () => {
    const { id } = await enqueue(
      deps.db,
      jobOf(async () => {}),
      { n: 1 },
    )
    await work([
      defineJob({ kind: 'test.job', seenBy: 'admins', input: z.strictObject({ m: z.string() }), run: async () => {} }),
    ])
    expect(await ended(id)).toMatchObject({ status: 'failed', error: expect.stringContaining('cannot read') })
  })

  test('pauses grow, with chance in them, up to a limit', () => {
    const retry = { runs: 9, firstMs: 1000, mostMs: 60_000 }
    for (const [attempt, whole] of [
      [1, 1000],
      [2, 4000],
      [3, 16_000],
      [8, 60_000],
    ] as const) {
      const pauses = Array.from({ length: 50 }, () => backoffMs(retry, attempt))
      expect(Math.min(...pauses)).toBeGreaterThanOrEqual(whole / 2)
      expect(Math.max(...pauses)).toBeLessThanOrEqual(whole)
      expect(new Set(pauses).size).toBeGreaterThan(1)
    }
  })

  test('at its deadline is aborted, with what waits for it', async () => {
    const job = jobOf(({ signal }) => setTimeout(60_000, undefined, { signal }), {
      deadlineMs: 100,
      retry: { ...quick, runs: 1 },
    })
    await work([job])
    const { id } = await enqueue(deps.db, job, { n: 1 })
    expect(await ended(id)).toMatchObject({ status: 'dead', error: 'It ran longer than 0.1 s.' })
  })

  test('without end is left behind, holds up nobody, and writes nothing more', async () => {
    const late = Promise.withResolvers<void>()
    const tried = Promise.withResolvers<unknown>()
    const stuck = jobOf(
      async ({ write }) => {
        await late.promise
        await write((trx) => effect('late').execute(trx)).then(tried.resolve, tried.resolve)
      },
      { deadlineMs: 50, retry: { ...quick, runs: 1 } },
    )
    const other = jobOf(async () => {}, { kind: 'test.other' })
    await work([stuck, other], { concurrency: 1, graceMs: 50 })
    const { id } = await enqueue(deps.db, stuck, { n: 1 })
    const next = await enqueue(deps.db, other, { n: 1 })
    expect(await ended(id)).toMatchObject({ status: 'dead' })
    expect(await ended(next.id)).toMatchObject({ status: 'succeeded' })
    late.resolve()
    expect(await tried.promise).toBeInstanceOf(Error)
    expect(await effects()).toEqual([])
  })
})

describe('a cancel', () => {
  test('of a job that waits is done at once', async () => {
    const { id } = await enqueue(
      deps.db,
      jobOf(async () => {}),
      { n: 1 },
    )
    expect(await cancelJob(deps.db, { id })).toMatchObject({ status: 'cancelled' })
    await work([jobOf(async () => {})])
    expect(await retryJob(deps.db, { id })).toMatchObject({ status: 'queued' })
    expect(await ended(id)).toMatchObject({ status: 'succeeded' })
    expect(await cancelJob(deps.db, { id })).toMatchObject({ status: 'succeeded' })
  })

  test('reaches a running job within 100 ms, and its statements on a server', async () => {
    const waits = {
      socket: ({ signal }: JobContext) => setTimeout(60_000, undefined, { signal }),
      statement: ({ deps }: JobContext) => sql`select pg_sleep(60)`.execute(deps.db),
    }
    // The embedded database runs in this thread: nobody could cancel its statement.
    for (const wait of database.kind === 'postgres' ? [waits.socket, waits.statement] : [waits.socket]) {
      let started: PromiseWithResolvers<void>
      let stopped: PromiseWithResolvers<number>
      const job = jobOf(async (context) => {
        started.resolve()
        await Promise.resolve(wait(context)).finally(() => stopped.resolve(performance.now()))
      })
      await work([job])
      const took: number[] = []
      for (let n = 0; n < 3; n++) {
        started = Promise.withResolvers()
        stopped = Promise.withResolvers()
        const { id } = await enqueue(deps.db, job, { n })
        await started.promise
        await setTimeout(100)
        const askedAt = performance.now()
        const { status, isCancelling } = await cancelJob(deps.db, { id })
        expect(isCancelling || status === 'cancelled').toBe(true)
        took.push((await stopped.promise) - askedAt)
        expect(await ended(id)).toMatchObject({ status: 'cancelled' })
      }
      // On a busy machine one of them waits for a processor.
      expect(Math.min(...took)).toBeLessThan(100)
      for (const worker of workers.splice(0)) await worker.close()
    }
  })

  test('keeps the transaction that is open from committing, and from being tried again', async () => {
    const open = Promise.withResolvers<void>()
    const go = Promise.withResolvers<void>()
    const job = jobOf(async ({ write }) => {
      await write(async (trx) => {
        await effect('half').execute(trx)
        open.resolve()
        await go.promise
      })
    })
    // On the one connection of the embedded database, the cancel waits for the transaction instead.
    if (database.kind === 'embedded') return
    await work([job])
    const { id } = await enqueue(deps.db, job, { n: 1 })
    await open.promise
    await cancelJob(deps.db, { id })
    go.resolve()
    expect(await ended(id)).toMatchObject({ status: 'cancelled', attempt: 1 })
    expect(await effects()).toEqual([])
  })
})

describe('a lost worker', () => {
  const claimOne = async (leaseMs: number) => {
    const [claimed] = await claimJobs(deps.db, { deadlinesMs: new Map([['test.job', 60_000]]), most: 1, leaseMs })
    return claimed as NonNullable<typeof claimed>
  }

  const contextOf = (claimed: ClaimedJob) => {
    const log = createRunLog(1000, async () => {})
    return createContext(deps, claimed, { input: {}, signal: new AbortController().signal, log, leaseMs: 1000 })
  }

  test('leaves its job to another when its lease has run out, and what it writes late is refused', async () => {
    const { id } = await enqueue(
      deps.db,
      jobOf(async () => {}),
      { n: 1 },
    )
    const late = await claimOne(60_000)
    expect(await reclaimLost(deps.db)).toBe(0)
    await sql`update jobs set lease_until = now() where id = ${id}`.execute(deps.db)
    const job = jobOf(async ({ write, attempt }) => {
      await write((trx) => effect(`run ${attempt}`).execute(trx))
    })
    await work([job])
    expect(await ended(id)).toMatchObject({ status: 'succeeded', attempt: 2 })
    const { write, change } = contextOf(late)
    await expect(write((trx) => effect('late').execute(trx))).rejects.toBeInstanceOf(JobLostError)
    const inner = change(({ db }) => inTransaction(db, (trx) => effect('late').execute(trx)))
    await expect(inner).rejects.toBeInstanceOf(JobLostError)
    expect(await effects()).toEqual(['run 2'])
    const end = { ...late, end: { status: 'failed' as const }, shown: { done: 1, total: 1, perSecond: 1, log: '[]' } }
    expect(await endRuns(deps.db, [end])).toEqual(new Set())
  })

  test('writes nothing, and ends nothing, while the next run is at work', async () => {
    const { id } = await enqueue(
      deps.db,
      jobOf(async () => {}),
      { n: 1 },
    )
    const late = await claimOne(0)
    await expect.poll(() => reclaimLost(deps.db)).toBe(1)
    const next = await claimOne(60_000)
    expect(next).toMatchObject({ id, fence: late.fence + 2 })
    const { write, writeOnce, change } = contextOf(late)
    await expect(write((trx) => effect('late').execute(trx))).rejects.toBeInstanceOf(JobLostError)
    await expect(writeOnce('late', (trx) => effect('late').execute(trx))).rejects.toBeInstanceOf(JobLostError)
    const inner = change(({ db }) => inTransaction(db, (trx) => effect('late').execute(trx)))
    await expect(inner).rejects.toBeInstanceOf(JobLostError)
    expect(await effects()).toEqual([])
    const shown = { done: 1, total: 1, perSecond: 1, log: '[]' }
    expect(await endRuns(deps.db, [{ ...late, end: { status: 'failed' }, shown }])).toEqual(new Set())
    await showProgress(deps.db, late, shown)
    expect(await renewLeases(deps.db, [late, next], 60_000)).toEqual(new Map([[id, false]]))
    expect(await ended(id, 0)).toMatchObject({ status: 'running', attempt: 2, progress: null })
    await contextOf(next).write((trx) => effect('next').execute(trx))
    expect(await endRuns(deps.db, [{ ...next, end: { status: 'succeeded' }, shown }])).toEqual(new Set([id]))
    expect(await effects()).toEqual(['next'])
  })

  test('that comes back while its lease runs may write: the fence asks for the claim, not for the time', async () => {
    await enqueue(
      deps.db,
      jobOf(async () => {}),
      { n: 1 },
    )
    await contextOf(await claimOne(60_000)).write((trx) => effect('in time').execute(trx))
    expect(await effects()).toEqual(['in time'])
  })

  test('does not bring its job to life again and again: after its last run it is dead', async () => {
    const { id } = await enqueue(
      deps.db,
      jobOf(async () => {}, { retry: { runs: 2, firstMs: 1, mostMs: 1 } }),
      { n: 1 },
    )
    for (const status of ['queued', 'dead']) {
      await claimOne(0)
      await setTimeout(5)
      expect(await reclaimLost(deps.db)).toBe(1)
      expect(await ended(id, 0)).toMatchObject({ status })
    }
  })

  test('hears that it is lost from its next heartbeat', async () => {
    const stopped = Promise.withResolvers<unknown>()
    const job = jobOf(async ({ signal }) => {
      await setTimeout(60_000, undefined, { signal }).catch(() => stopped.resolve(signal.reason))
    })
    const worker = await work([job], { leaseMs: 900 })
    const { id } = await enqueue(deps.db, job, { n: 1 })
    await expect.poll(() => worker.stats().runningHere).toBe(1)
    await sql`update jobs set fence = fence + 1 where id = ${id}`.execute(deps.db)
    expect(await stopped.promise).toBeInstanceOf(JobLostError)
  })

  test('was alone on its database: whoever opens that again takes its jobs at once', async () => {
    const { id } = await enqueue(
      deps.db,
      jobOf(async () => {}),
      { n: 1 },
    )
    await claimOne(60_000)
    await work([jobOf(async () => {})], { isAlone: true })
    expect(await ended(id, 3000)).toMatchObject({ status: 'succeeded', attempt: 2 })
  })
})

describe('a run', () => {
  test('that comes again repeats no finished step', async () => {
    const steps: string[] = []
    const job = jobOf(
      async ({ attempt, checkpoint, writeOnce }) => {
        const a = await checkpoint('a', async () => {
          steps.push('a')
          return { n: 1, nothing: null }
        })
        await writeOnce('b', (trx) => effect('b').execute(trx))
        if (attempt < 3) throw new Error('again')
        return a
      },
      { retry: { runs: 3, firstMs: 1, mostMs: 1 } },
    )
    await work([job])
    const { id } = await enqueue(deps.db, job, { n: 1 })
    expect(await ended(id)).toMatchObject({ status: 'succeeded', result: { n: 1, nothing: null } })
    expect(steps).toEqual(['a'])
    expect(await effects()).toEqual(['b'])
  })

  test('may change nothing outside of write and change: nobody would purge answers for it', async () => {
    const job = jobOf(({ deps }) => deps.db.deleteFrom('users').execute(), {
      retry: { runs: 1, firstMs: 1, mostMs: 1 },
    })
    const errors: unknown[] = []
    await work([job], { onEnded: ({ error }) => errors.push(error) })
    const { id } = await enqueue(deps.db, job, { n: 1 })
    expect(await ended(id)).toMatchObject({ status: 'dead' })
    expect(String(errors[0])).toContain('Change this in a transaction')
  })

  test('purges the answers that it changed', async () => {
    const job = jobOf(async ({ write }) => {
      await write((trx) =>
        trx.updateTable('users').set({ bio: 'changed by a job' }).where('id', '=', user.userId).execute(),
      )
    })
    const purged: string[] = []
    deps.cache.events.on('invalidate', ({ what }) => purged.push(String(what)))
    await work([job])
    await ended((await enqueue(deps.db, job, { n: 1 })).id)
    expect(purged.join()).toContain('users')
  })

  test('shows how far it is, how fast, and its last twenty lines', async () => {
    const go = Promise.withResolvers<void>()
    const job = jobOf(async ({ progress, log }) => {
      progress(0, 10)
      for (let n = 1; n <= 25; n++) log(`line ${n}${n === 25 ? ` \0\ud800${'x'.repeat(600)}` : ''}`)
      await setTimeout(250)
      progress(5)
      await go.promise
    })
    await work([job])
    const { id } = await enqueue(deps.db, job, { n: 1 })
    await expect.poll(async () => (await ended(id, 0)).progress?.done, { timeout: 5000 }).toBe(5)
    const { progress, log } = await ended(id, 0)
    expect(progress).toMatchObject({ done: 5, total: 10 })
    expect(progress?.perSecond).toBeGreaterThan(1)
    expect(progress?.secondsLeft).toBeGreaterThan(0)
    expect(log).toHaveLength(20)
    expect(log.at(-1)?.text.startsWith('line 25 ')).toBe(true)
    expect(log.at(-1)?.text.length).toBeLessThanOrEqual(500)
    go.resolve()
    expect(await ended(id)).toMatchObject({ status: 'succeeded', progress: { done: 5, total: 10, secondsLeft: null } })
  })

  test('is given back at once when its worker closes, and that run counts for nothing', async () => {
    const started = Promise.withResolvers<void>()
    const job = jobOf(async ({ signal, log }) => {
      log('begun')
      started.resolve()
      await setTimeout(60_000, undefined, { signal })
    })
    await work([job])
    const { id } = await enqueue(deps.db, job, { n: 1 })
    await started.promise
    await workers.pop()?.close()
    expect(await ended(id, 0)).toMatchObject({ status: 'queued', attempt: 0, error: null, log: [{ text: 'begun' }] })
    await work([jobOf(async () => {})])
    expect(await ended(id, 1000)).toMatchObject({ status: 'succeeded', attempt: 1 })
  })

  test('is followed by the next one with the same key, in the same transaction', async () => {
    const job = jobOf(
      async ({ again, input }) => {
        if (input.n > 0) again({ runAfter: new Date(), input: { n: input.n - 1 } })
      },
      { singletonKey: () => 'one' },
    )
    await work([job])
    await enqueue(deps.db, job, { n: 3 })
    await expect.poll(() => countBy('succeeded'), { timeout: 10_000 }).toBe(4)
  })

  test('of a kind with a rhythm is begun by the workers, once', async () => {
    let runs = 0
    const job = defineJob({
      kind: 'test.rhythm',
      seenBy: 'admins',
      input: z.strictObject({}),
      everyMs: 300,
      run: async () => {
        runs++
      },
    })
    await Promise.all([work([job]), work([job])])
    await expect.poll(() => runs, { timeout: 15_000 }).toBeGreaterThanOrEqual(3)
    const rows = await deps.db.selectFrom('jobs').select('status').where('kind', '=', 'test.rhythm').execute()
    expect(rows.filter(({ status }) => status === 'queued' || status === 'running').length).toBeLessThanOrEqual(1)
  })
})
