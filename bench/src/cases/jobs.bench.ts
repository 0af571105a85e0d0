import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import { type AnyJob, cancelJob, defineJob, enqueue, enqueueAll, jobsChannel, openWorker } from '@extropy/api'
import { createTestDeps } from '@extropy/api/testing'
import { createDatabase, type DatabaseHandle, migrate, openNotifications } from '@extropy/db'
import { z } from 'zod'
import type { BenchCase } from '../bench-case.ts'
import { withDatabase } from '../databases.ts'
import type { GoalName } from '../goals.ts'
import { record, skip } from '../results.ts'

const concurrency = 10
const seenBy = 'admins'
const input = z.strictObject({})
const empty = defineJob({ kind: 'bench.empty', seenBy, input, run: async () => {} })
/** A thousand hosts, each with one place. */
const inLane = defineJob({
  kind: 'bench.lane',
  seenBy,
  input: z.strictObject({ host: z.number() }),
  concurrency: { lanes: ({ host }) => ({ [`host:${host}`]: 1 }) },
  run: async () => {},
})
const waiting = defineJob({
  kind: 'bench.waiting',
  seenBy,
  input,
  run: ({ signal }) => setTimeout(600_000, undefined, { signal }),
})

/** Jobs that do nothing, by one worker with ten places: each is claimed, run, and its end written, on its own. */
export const bench: BenchCase = {
  title: `durable jobs: ${concurrency} at once, one process`,
  async run({ quick }) {
    const embedded = await createDatabase({ url: 'memory:' })
    await onDatabase(embedded, 'PGlite', quick, undefined)
    const serverUrl = process.env.TEST_DATABASE_URL
    if (serverUrl === undefined) return skip('PostgreSQL', 'TEST_DATABASE_URL is not set')
    await withDatabase(serverUrl, 'jobs', async (url) =>
      onDatabase(await createDatabase({ url }), 'PostgreSQL', quick, url),
    )
  },
}

type Kind = 'PGlite' | 'PostgreSQL'

async function onDatabase(handle: DatabaseHandle, kind: Kind, quick: boolean, url: string | undefined): Promise<void> {
  try {
    await migrate(handle)
    const deps = await createTestDeps(handle)
    let done = 0
    let goal = Number.POSITIVE_INFINITY
    let reached = Promise.withResolvers<void>()
    const cancelled: (() => void)[] = []
    const worker = openWorker(deps, {
      jobs: [empty, inLane, waiting] as readonly AnyJob[],
      concurrency,
      isHearing: () => true,
      onEnded: ({ status }) => {
        if (status === 'succeeded' && ++done === goal) reached.resolve()
        if (status === 'cancelled') cancelled.shift()?.()
      },
    })
    const hear = (payload: string) => worker.hear(payload)
    const notifications = await openNotifications(handle, { channel: jobsChannel, onNotification: hear, url })
    const measure = async (name: string, count: number, fill: () => Promise<unknown>, goals: readonly GoalName[]) => {
      done = 0
      goal = count
      reached = Promise.withResolvers()
      const delay = monitorEventLoopDelay({ resolution: 5 })
      const startedAt = performance.now()
      await fill()
      delay.enable()
      await reached.promise
      delay.disable()
      const perSecond = (1000 * count) / (performance.now() - startedAt)
      const p99Ms = delay.percentile(99) / 1e6
      report(kind, name, 'jobs/s', perSecond, goals)
      report(kind, `${name}: event loop delay, p99`, 'ms', p99Ms, [])
    }
    const most = quick ? 500 : 3000
    const enough = { PGlite: 'empty jobs on PGlite, jobs/s', PostgreSQL: 'empty jobs on PostgreSQL, jobs/s' } as const
    await measure('warm-up', 200, () => enqueueAll(deps.db, empty, Array(200).fill({})), [])
    await measure('empty jobs', most, () => enqueueAll(deps.db, empty, Array(most).fill({})), [enough[kind]])
    const hosts = Array.from({ length: most }, (_, n) => ({ host: n % 1000 }))
    await measure('empty jobs in 1,000 lanes', most, () => enqueueAll(deps.db, inLane, hosts), [])
    const latencies: number[] = []
    for (let n = 0; n < 20; n++) {
      const { id } = await enqueue(deps.db, waiting, {})
      while (worker.stats().runningHere === 0) await setTimeout(5)
      await setTimeout(50)
      const stopped = new Promise<void>((resolve) => cancelled.push(resolve))
      const askedAt = performance.now()
      await cancelJob(deps.db, { id })
      await stopped
      latencies.push(performance.now() - askedAt)
    }
    latencies.sort((a, b) => a - b)
    report(kind, 'cancel to its end, slowest of 20', 'ms', latencies.at(-1) ?? 0, ['cancel of a running job, ms'])
    await worker.close()
    await notifications.close()
  } finally {
    await handle.close()
  }
}

function report(kind: Kind, name: string, unit: string, value: number, goals: readonly GoalName[]): void {
  process.stdout.write(
    `${kind.padEnd(12)}${name.padEnd(52)}${value.toFixed(unit === 'ms' ? 1 : 0).padStart(8)} ${unit}\n`,
  )
  if (name !== 'warm-up') record({ suite: 'jobs', name: `${name}, ${kind}`, contender: 'jobs', unit, value, goals })
}
