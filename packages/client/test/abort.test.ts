import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { initTRPC } from '@trpc/server'
import { createHTTPServer } from '@trpc/server/adapters/standalone'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient, isAborted, isExtropyError } from '../src/index.ts'

const keys: (string | undefined)[] = []
const t = initTRPC.context<object>().create()
/** Answers nothing; a stream has begun. */
const server = createHTTPServer({
  basePath: '/trpc/',
  allowMethodOverride: true,
  createContext({ req }) {
    keys.push(req.headers.authorization)
    return {}
  },
  router: t.router({
    query: {
      rag: t.procedure.query(() => sleep(5000)),
      answer: t.procedure.query(async function* () {
        yield { type: 'begun' }
        await sleep(5000)
      }),
    },
  }),
})
let url: string
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

test('a call and a stream that are aborted throw the same kind of error', async () => {
  const extropy = createClient({ url })
  for (const call of [
    (signal: AbortSignal) => extropy.query.rag.query({ prompt: 'a' }, { signal }),
    async (signal: AbortSignal) => {
      for await (const _ of await extropy.query.answer.query({ prompt: 'a' }, { signal })) void _
    },
  ]) {
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 100)
    const error: unknown = await call(controller.signal).then(
      () => undefined,
      (error: unknown) => error,
    )
    expect(isExtropyError(error)).toBe(true)
    expect(isAborted(error)).toBe(true)
  }
  expect(isAborted(new Error('another'))).toBe(false)
})

test('a key that is a function is asked before each call, of streams too', async () => {
  let count = 0
  const extropy = createClient({ url, apiKey: async () => `key-${++count}` })
  keys.length = 0
  for (let n = 0; n < 2; n++) {
    const signal = AbortSignal.timeout(100)
    await extropy.query.rag.query({ prompt: 'a' }, { signal }).catch(() => {})
  }
  await extropy.query.answer.query({ prompt: 'a' }, { signal: AbortSignal.timeout(100) }).catch(() => {})
  expect(keys).toEqual(['Bearer key-1', 'Bearer key-2', 'Bearer key-3'])
})
