import { setTimeout } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { type Analyst, type AnalystOptions, createAnalyst } from './analyst.ts'
import type { Task } from './analyst-tasks.ts'

const filename = new URL('../testing/stuck.worker.ts', import.meta.url).href
const open: Analyst[] = []
const start = (options: AnalystOptions = {}) => {
  const analyst = createAnalyst({ filename, ...options })
  open.push(analyst)
  return analyst
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((analyst) => analyst.close()))
})

const taskOf = (body: string): Task => ({ kind: 'analyse', texts: [{ title: '', body }] })
const [quick, forever] = [taskOf('quick'), taskOf('forever')]
const answer = { kind: 'missing', ids: [] }

test('whoever goes takes their text along, out of the queue and out of the thread', async () => {
  const analyst = start()
  expect(await analyst.run(quick)).toEqual(answer)
  const leave = new AbortController()
  const gone = Promise.allSettled(Array.from({ length: 5 }, () => analyst.run(forever, { signal: leave.signal })))
  const next = analyst.run(quick)
  await setTimeout(100)
  leave.abort(new Error('gone'))
  expect(new Set((await gone).map(({ status }) => status))).toEqual(new Set(['rejected']))
  expect(await next).toEqual(answer)
  await expect(analyst.run(quick, { signal: leave.signal })).rejects.toThrow('gone')
}, 60_000)

test('beyond so many that wait, callers are refused; what nobody waits for is not among them', async () => {
  const analyst = start({ mostWaiting: 2 })
  const leave = new AbortController()
  const waiting = Promise.allSettled(Array.from({ length: 3 }, () => analyst.run(forever, { signal: leave.signal })))
  await expect(analyst.run(quick)).rejects.toMatchObject({ name: 'AppError', reason: 'overloaded' })
  expect(await analyst.run(quick, { background: true })).toEqual(answer)
  leave.abort(new Error('gone'))
  expect(await waiting).toEqual(Array.from({ length: 3 }, () => ({ status: 'rejected', reason: new Error('gone') })))
  expect(await analyst.run(quick)).toEqual(answer)
}, 60_000)

test.runIf(process.platform === 'linux')('what nobody waits for yields the cores to what somebody does', async () => {
  const analyst = start()
  const own = taskOf('priority')
  expect(await analyst.run(own)).toEqual({ kind: 'missing', ids: ['0'] })
  expect(await analyst.run(own, { background: true })).toEqual({ kind: 'missing', ids: ['10'] })
})

test('what takes too long is given up', async () => {
  const analyst = start({ limitMs: 500 })
  await expect(analyst.run(forever)).rejects.toMatchObject({ name: 'AppError', reason: 'deadline_exceeded' })
}, 60_000)
