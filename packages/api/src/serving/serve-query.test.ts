import { createCache } from '@extropy/cache'
import { expect, test, vi } from 'vitest'
import type { Context } from '../context.ts'
import type { ReplicaReads } from '../replica-reads/replica-reads.ts'
import type { Procedure } from './procedures.ts'
import { serveQuery } from './serve-query.ts'

type Read = NonNullable<Awaited<ReturnType<ReplicaReads['begin']>>>

/** A query, and a replica that reads like the primary. */
function play(over: Partial<Read> = {}, resolve: () => unknown = () => 'answer') {
  const runs = vi.fn(resolve)
  const end = vi.fn()
  const read: Read = {
    isUncertain: false,
    run: (work, signal) => work({ source: {} as never, signal }),
    isCurrent: async () => true,
    fail: vi.fn(),
    end,
    ...over,
  }
  const noteRead = vi.fn(async () => {})
  const replicaReads = { isCutOff: () => false, begin: async () => read, noteRead } as unknown as ReplicaReads
  const db = { withPlugin: () => db }
  const ctx = {
    db,
    cache: createCache({}),
    cacheRules: { ttlMsOf: () => 60_000 },
    replicaReads,
    principal: undefined,
    onInternalError() {},
  } as unknown as Context
  const procedure = { path: 'cards.list', type: 'query', meta: {}, resolve: runs } as unknown as Procedure
  const timing = { poolMs: 0, queryMs: 0, queries: 0, serializeMs: 0, cacheMs: 0 }
  const serve = (signal = new AbortController().signal, bypass?: string) =>
    serveQuery(ctx, { procedure, input: undefined, bypass, signal, timing })
  return { serve, runs, end, noteRead, read }
}

test('an answer from a replica is kept, but not one that nobody can say is current', async () => {
  const kept = play()
  expect((await kept.serve()).verdict.status).toBe('MISS')
  expect((await kept.serve()).verdict.status).toBe('HIT')
  const uncertain = play({ isUncertain: true })
  for (let n = 0; n < 2; n++) expect((await uncertain.serve()).verdict.status).toBe('MISS')
  expect(uncertain.runs).toHaveBeenCalledTimes(2)
})

test('a read on a replica is ended however it goes: answered, failed, outdated, or left by its caller', async () => {
  const answered = play()
  await answered.serve()
  const failed = play({ run: () => Promise.reject(new Error('away')) })
  expect((await failed.serve()).payload.rest.toString()).toBe('"answer"')
  expect(failed.read.fail).toHaveBeenCalledTimes(1)
  const outdated = play({ isCurrent: async () => false })
  await outdated.serve()
  const caller = new AbortController()
  const left = play({}, () => {
    caller.abort(new Error('gone'))
    throw caller.signal.reason
  })
  await expect(left.serve(caller.signal, 'asked')).rejects.toThrow()
  for (const { end } of [answered, failed, outdated, left]) await vi.waitFor(() => expect(end).toHaveBeenCalledTimes(1))
})

test('before it is answered, a read has its place noted, wherever it ran and however it went', async () => {
  const answered = play()
  await answered.serve()
  const wrong = play({}, () => {
    throw new Error('wrong')
  })
  await expect(wrong.serve()).rejects.toThrow()
  for (const { noteRead } of [answered, wrong]) expect(noteRead).toHaveBeenCalledTimes(1)
})
