import { type Context, Hono } from 'hono'
import { cors } from 'hono/cors'
import { stream, streamSSE } from 'hono/streaming'
import { describe, expect, it } from 'vitest'
import { createCache } from '../create-cache.ts'
import { createFakeClock } from '../testing/fake-clock.ts'
import { createMemoryStore } from '../testing/memory-store.ts'
import type { ResponseCacheOptions } from './options.ts'
import { responseCache } from './response-cache.ts'

type Handler = (c: Context) => Response | Promise<Response>

/** An app with one cached route for everything, a clock, and a count of the handler's runs. */
function setup(handler: Handler, options: Partial<ResponseCacheOptions> = {}) {
  const clock = createFakeClock()
  const cache = createCache({ clock, sweepMs: 0, loadTimeoutMs: 1_000 })
  const app = new Hono()
  let runs = 0
  app.use(
    responseCache({
      cache,
      principal: (c) => c.req.header('authorization'),
      tags: () => ['all'],
      ttlMs: 60_000,
      ...options,
    }),
  )
  app.onError((error, c) => c.text(error.message, 500))
  app.all('*', (c) => {
    runs += 1
    return handler(c)
  })
  const get = async (path = '/', headers: Record<string, string> = {}, init: RequestInit = {}) => {
    const response = await app.request(path, { ...init, headers })
    const { status } = response
    return {
      status,
      headers: response.headers,
      text: await response.text(),
      verdict: `${response.headers.get('x-cache')} ${response.headers.get('x-cache-cause')}`,
    }
  }
  return { app, cache, clock, get, runs: () => runs }
}
const count = (): Handler => {
  let value = 0
  return (c) => c.json({ value: ++value })
}

describe('answers from the cache', () => {
  it('HIT fresh: the same bytes and type, with age, ETag and length, without running the handler', async () => {
    const { get, clock, runs } = setup((c) => c.json({ text: 'grüße' }))
    const first = await get()
    expect(first.verdict).toBe('MISS absent')
    await clock.advance(2_500)
    const second = await get()
    expect(second).toMatchObject({ status: 200, verdict: 'HIT fresh', text: first.text })
    expect(second.headers.get('content-type')).toBe('application/json')
    expect(second.headers.get('content-length')).toBe(`${Buffer.byteLength(first.text)}`)
    expect([first.headers.get('age'), second.headers.get('age')]).toEqual(['0', '2'])
    expect(second.headers.get('etag')).toBe(first.headers.get('etag'))
    expect(second.headers.get('etag')).toMatch(/^"[\w-]{27}"$/)
    expect(runs()).toBe(1)
  })

  it('HIT shared: where another instance has left it', async () => {
    const clock = createFakeClock()
    const memory = createMemoryStore(clock)
    const ask = [0, 1, 2].map(() => {
      const app = new Hono()
      const cache = createCache({ clock, sweepMs: 0, shared: memory })
      app.use(responseCache({ cache, principal: () => null, tags: () => ['all'] }))
      app.get('/', (c) => c.text('grüße'))
      return async (method: string) => {
        const response = await app.request('/', { method })
        return `${response.headers.get('x-cache-cause')} ${response.headers.get('etag')} ${await response.text()}`
      }
    })
    await clock.settle()
    const etag = (await ask[0]?.('GET'))?.split(' ')[1]
    await clock.settle()
    expect(await ask[1]?.('HEAD')).toBe(`shared ${etag} `)
    expect(await ask[1]?.('GET')).toBe(`fresh ${etag} grüße`)
    expect(await ask[2]?.('GET')).toBe(`shared ${etag} grüße`)
  })

  it('MISS expired: after the TTL', async () => {
    const { get, clock } = setup(count())
    await get()
    await clock.advance(60_000)
    expect(await get()).toMatchObject({ verdict: 'MISS expired', text: '{"value":2}' })
  })

  it('MISS invalidated: after one of its tags was', async () => {
    const { get, cache } = setup(count())
    await get()
    await cache.invalidateTags(['other'])
    expect((await get()).verdict).toBe('HIT fresh')
    await cache.invalidateTags(['all'])
    expect(await get()).toMatchObject({ verdict: 'MISS invalidated', text: '{"value":2}' })
  })

  it('MISS joined: waits for the run that is under way', async () => {
    const { get, runs } = setup(async (c) => {
      await new Promise((resolve) => setImmediate(resolve))
      return c.json({ runs: runs() })
    })
    const all = await Promise.all(Array.from({ length: 20 }, () => get()))
    expect(runs()).toBe(1)
    expect(all.map(({ verdict }) => verdict).sort()).toEqual([
      'MISS absent',
      ...Array.from({ length: 19 }, () => 'MISS joined'),
    ])
  })

  it('does not keep an answer whose tags were invalidated while the handler ran', async () => {
    const { get, cache } = setup(async (c) => {
      await cache.invalidateTags(['all'])
      return c.text('old')
    })
    await get()
    expect((await get()).verdict).toBe('MISS absent')
  })

  it('STALE refreshing, then STALE backoff: serves the old answer while, and after, a refresh fails', async () => {
    let broken = false
    const made = setup((c) => (broken ? c.text('broken', 503) : c.text('well')), {
      staleMs: 30_000,
      refresh: (request) => made.app.fetch(request),
    })
    await made.get()
    await made.clock.advance(60_000)
    broken = true
    expect(await made.get('/', { 'if-none-match': '"else"' })).toMatchObject({
      verdict: 'STALE refreshing',
      text: 'well',
    })
    await made.clock.settle()
    expect(made.runs()).toBe(2)
    expect(await made.get()).toMatchObject({ verdict: 'STALE backoff', text: 'well' })
    broken = false
    await made.clock.advance(1_000)
    expect((await made.get()).verdict).toBe('STALE refreshing')
    await made.clock.settle()
    expect(await made.get()).toMatchObject({ verdict: 'HIT fresh', text: 'well' })
  })

  it('refreshes for whoever comes next, whatever the one who set it off has already', async () => {
    const handler: Handler = (c) => (c.req.header('if-none-match') === undefined ? c.text('well') : c.body(null, 304))
    const made = setup(handler, { staleMs: 30_000, refresh: (request) => made.app.fetch(request) })
    await made.get()
    await made.clock.advance(60_000)
    expect((await made.get('/', { 'if-none-match': '"else"' })).verdict).toBe('STALE refreshing')
    await made.clock.settle()
    expect(await made.get()).toMatchObject({ verdict: 'HIT fresh', text: 'well' })
  })

  it('STALE error: serves the old answer where the handler fails', async () => {
    let broken = false
    const { get, clock } = setup((c) => (broken ? c.text('broken', 500) : c.text('well')), { staleIfErrorMs: 5_000 })
    await get()
    broken = true
    await clock.advance(60_000)
    expect(await get()).toMatchObject({ status: 200, verdict: 'STALE error', text: 'well' })
    await clock.advance(5_000)
    expect(await get()).toMatchObject({ status: 500, verdict: 'MISS status', text: 'broken' })
  })

  it('STALE error: with nothing of the answer that failed, and all of what other middleware had set', async () => {
    let broken = false
    const clock = createFakeClock()
    const outer = new Hono()
    outer.use((c, next) => {
      c.header('x-before', 'set')
      return next()
    })
    outer.use(async (c, next) => {
      await next()
      c.res.headers.set('x-after', 'set')
    })
    const cache = createCache({ clock, sweepMs: 0 })
    outer.use(responseCache({ cache, principal: () => null, tags: () => [], ttlMs: 60_000, staleIfErrorMs: 5_000 }))
    outer.get('/', (c) =>
      broken ? c.text('broken', 503, { 'set-cookie': 'a=b', 'retry-after': '9' }) : c.text('well'),
    )
    await outer.request('/')
    broken = true
    await clock.advance(60_000)
    const answer = await outer.request('/')
    expect(answer.headers.get('x-cache-cause')).toBe('error')
    expect(await answer.text()).toBe('well')
    const names = ['set-cookie', 'retry-after', 'x-before', 'x-after']
    expect(names.map((name) => answer.headers.get(name))).toEqual([null, null, 'set', 'set'])
  })

  it('304 where the caller has it, on a hit and on a miss, with its cache headers and no body', async () => {
    const { get } = setup((c) => c.text('body'))
    const etag = (await get()).headers.get('etag') ?? ''
    for (const asked of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const answer = await get('/', { 'if-none-match': asked })
      expect(answer).toMatchObject({ status: 304, text: '', verdict: 'HIT fresh' })
      expect(answer.headers.get('etag')).toBe(etag)
      expect(answer.headers.has('content-length')).toBe(false)
      expect(answer.headers.has('content-type')).toBe(false)
    }
    expect((await get('/', { 'if-none-match': '"x"' })).status).toBe(200)
    expect(await get('/other', { 'if-none-match': etag })).toMatchObject({ status: 304, verdict: 'MISS absent' })
  })

  it('answers HEAD from what GET left, and GET not from what HEAD left', async () => {
    const { get, runs } = setup((c) => c.text(c.req.method === 'HEAD' ? '' : 'four'))
    expect(await get('/', {}, { method: 'HEAD' })).toMatchObject({ text: '', verdict: 'MISS head' })
    expect(await get()).toMatchObject({ text: 'four', verdict: 'MISS absent' })
    const head = await get('/', {}, { method: 'HEAD' })
    expect(head).toMatchObject({ text: '', verdict: 'HIT fresh' })
    expect(head.headers.get('content-length')).toBe('4')
    expect(runs()).toBe(2)
  })

  it('keeps what describes the content, and nothing that belongs to one request', async () => {
    const handler: Handler = (c) =>
      c.text('x', 200, {
        'content-language': 'de',
        link: '</next>',
        'x-request-id': c.req.header('x-id') ?? '',
        'x-extra': 'kept',
      })
    const { get } = setup(handler, { keepHeaders: ['X-Extra'] })
    expect((await get('/', { 'x-id': 'one' })).headers.get('x-request-id')).toBe('one')
    const { headers } = await get('/', { 'x-id': 'two' })
    expect(headers.get('x-request-id')).toBeNull()
    expect(['content-language', 'link', 'x-extra'].map((name) => headers.get(name))).toEqual(['de', '</next>', 'kept'])
  })

  it('leaves the headers that other middleware sets alone, before and after it', async () => {
    const cache = createCache({ sweepMs: 0 })
    const app = new Hono()
    app.use(cors({ origin: (origin) => origin }))
    app.use((c, next) => {
      c.header('x-before', 'set')
      return next()
    })
    app.use(async (c, next) => {
      await next()
      c.res.headers.set('x-after', 'set')
    })
    app.use(responseCache({ cache, principal: () => undefined, tags: () => [] }))
    app.get('/', (c) => c.text('x'))
    for (const origin of ['https://one.example', 'https://two.example']) {
      const { headers } = await app.request('/', { headers: { origin } })
      expect(headers.get('access-control-allow-origin')).toBe(origin)
      expect(headers.get('x-before')).toBe('set')
      expect(headers.get('x-after')).toBe('set')
    }
    expect(cache.stats().hits).toBe(1)
  })

  it('lets clients and proxies store only what they then ask about, unless the handler decides', async () => {
    const { get } = setup((c) => c.text('x', 200, c.req.path === '/own' ? { 'cache-control': 'max-age=9' } : {}))
    expect((await get('/')).headers.get('cache-control')).toBe('public, no-cache')
    expect((await get('/', { authorization: 'me' })).headers.get('cache-control')).toBe('private, no-cache')
    await get('/own')
    expect((await get('/own')).headers.get('cache-control')).toBe('max-age=9')
  })

  it('keeps the bytes of an answer and not the pool that they came from', async () => {
    const kept: unknown[] = []
    const app = new Hono()
    const cache = createCache({ sweepMs: 0, sizeOf: (value) => kept.push(value) })
    app.use(responseCache({ cache, principal: () => null, tags: () => [] }))
    app.get('/', (c) => c.text('four'))
    await app.request('/')
    expect((kept[0] as { body: Uint8Array }).body.buffer.byteLength).toBe(4)
  })

  it('names what an answer depends on only where that is asked for', async () => {
    expect((await setup((c) => c.text('x')).get()).headers.has('x-cache-tags')).toBe(false)
    const open = setup((c) => c.text('x'), { exposeTags: true, tags: () => ['card:1', 'a b'] })
    expect((await open.get()).headers.get('x-cache-tags')).toBe('card%3A1 a%20b')
  })
})

describe('whose answer it is', () => {
  it('is asked again by a refresh: the answer to somebody else is not kept', async () => {
    let user = 'one'
    const made = setup((c) => c.text(`for ${user}`), {
      principal: () => user,
      staleMs: 30_000,
      refresh: (request) => {
        user = 'two'
        return made.app.fetch(request)
      },
    })
    await made.get()
    await made.clock.advance(60_000)
    expect(await made.get()).toMatchObject({ verdict: 'STALE refreshing', text: 'for one' })
    await made.clock.settle()
    expect(made.runs()).toBe(2)
    user = 'one'
    expect(await made.get()).toMatchObject({ verdict: 'STALE backoff', text: 'for one' })
  })

  it('BYPASS credentials: is not known of a request that has some, unless the app says that all are the same', async () => {
    let principal: null | undefined
    const { get, cache } = setup((c) => c.text(c.req.header('cookie') ?? 'nobody'), { principal: () => principal })
    expect((await get()).verdict).toBe('MISS absent')
    for (const headers of [{ cookie: 'session=1' }, { authorization: 'Bearer x' }])
      expect((await get('/', headers)).verdict).toBe('BYPASS credentials')
    expect((await get('/', { cookie: 'session=1' })).text).toBe('session=1')
    expect(cache.stats().entries).toBe(1)
    principal = null
    expect((await get('/', { cookie: 'session=1' })).verdict).toBe('HIT fresh')
  })
})

describe('keys', () => {
  it('tell callers apart whose credentials share their first 50 characters', async () => {
    const shared = `Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.${'x'.repeat(50)}`
    const { get } = setup((c) => c.text(c.req.header('authorization') ?? 'nobody'))
    for (const authorization of [`${shared}1`, `${shared}2`, `${shared}1 `.repeat(50), `${shared}1 `.repeat(51)]) {
      const trimmed = authorization.trim()
      expect(await get('/', { authorization: trimmed })).toMatchObject({ verdict: 'MISS absent', text: trimmed })
      expect(await get('/', { authorization: trimmed })).toMatchObject({ verdict: 'HIT fresh', text: trimmed })
    }
    expect(await get()).toMatchObject({ verdict: 'MISS absent', text: 'nobody' })
  })

  it('do not confuse a caller without a name, or one whose name looks like a key, with the public', async () => {
    let principal: string | undefined
    const { get } = setup(count(), { principal: () => principal })
    const seen = new Set<string>()
    for (principal of [undefined, '', '\n', 'undefined', 'GET /\n\n']) seen.add((await get()).text)
    expect(seen.size).toBe(5)
  })

  it('take parameters in any order, and repeated ones in theirs', async () => {
    const { get } = setup((c) => c.text(c.req.url))
    await get('/?b=2&a=1&a=2')
    expect((await get('/?a=1&a=2&b=2')).verdict).toBe('HIT fresh')
    expect((await get('/?a=2&a=1&b=2')).verdict).toBe('MISS absent')
    expect((await get('/?a=1')).verdict).toBe('MISS absent')
    expect((await get('/x')).verdict).toBe('MISS absent')
  })

  it('keep the order of one parameter, however it is encoded', async () => {
    const { get } = setup((c) => c.text(c.req.queries('a b')?.join() ?? ''))
    expect((await get('/?a%20b=1&a+b=2')).text).toBe('1,2')
    expect(await get('/?a+b=2&a%20b=1')).toMatchObject({ verdict: 'MISS absent', text: '2,1' })
    expect((await get('/?%=1&a+b=1')).verdict).toBe('MISS absent')
  })

  it('tell hosts apart', async () => {
    const { get } = setup((c) => c.text(new URL(c.req.url).host))
    await get('http://one.example/x')
    expect(await get('http://two.example/x')).toMatchObject({ verdict: 'MISS absent', text: 'two.example' })
  })

  it('take how the body is to be read', async () => {
    const { get } = setup(count(), { bodyQueries: ['/'] })
    const post = (type: string) => get('/', { 'content-type': type }, { method: 'POST', body: 'a=1' })
    expect((await post('text/plain')).verdict).toBe('MISS absent')
    expect((await post('application/x-www-form-urlencoded')).verdict).toBe('MISS absent')
    expect((await post('text/plain')).verdict).toBe('HIT fresh')
  })

  it('take the body where it is the query, of a POST that says so', async () => {
    const { get } = setup(async (c) => c.text(`${await c.req.text()}!`), { bodyQueries: ['/query/rag'] })
    const post = (body: string, path = '/query/rag') => get(path, {}, { method: 'POST', body })
    expect(await post('{"prompt":"a"}')).toMatchObject({ verdict: 'MISS absent', text: '{"prompt":"a"}!' })
    expect(await post('{"prompt":"a"}')).toMatchObject({ verdict: 'HIT fresh', text: '{"prompt":"a"}!' })
    expect(await post('{"prompt":"b"}')).toMatchObject({ verdict: 'MISS absent', text: '{"prompt":"b"}!' })
    expect((await get('/query/rag')).verdict).toBe('MISS absent')
    expect((await post('x', '/query/ragtime')).verdict).toBe('BYPASS method')
  })

  it('include the headers that the answer varies by, and Vary names them', async () => {
    const { get } = setup((c) => c.text(c.req.header('accept-language') ?? '-', 200, { vary: 'Accept-Language' }), {
      vary: ['Accept-Language'],
    })
    await get('/', { 'accept-language': 'de' })
    expect(await get('/', { 'accept-language': 'fr' })).toMatchObject({ verdict: 'MISS absent', text: 'fr' })
    const hit = await get('/', { 'accept-language': 'de' })
    expect(hit).toMatchObject({ verdict: 'HIT fresh', text: 'de' })
    expect(hit.headers.get('vary')).toBe('accept-language')
  })

  it('stay short however long the request is', async () => {
    const { get, cache } = setup((c) => c.text('x'))
    await get(`/${'x'.repeat(5_000)}`)
    expect((await get(`/${'x'.repeat(5_000)}`)).verdict).toBe('HIT fresh')
    expect(cache.stats().bytes).toBeLessThan(2_000)
  })
})

describe('what goes past the cache', () => {
  it.each([
    ['BYPASS method', {}, { method: 'PUT' }],
    ['BYPASS no-cache', { 'cache-control': 'max-age=0, No-Cache' }, {}],
    ['BYPASS no-store', { 'cache-control': 'no-store' }, {}],
    ['BYPASS range', { range: 'bytes=0-1' }, {}],
  ])('%s', async (verdict, headers, init) => {
    const { get, runs } = setup(count())
    await get()
    expect(await get('/', headers, init)).toMatchObject({ verdict, text: '{"value":2}' })
    expect(runs()).toBe(2)
    expect(await get()).toMatchObject({ verdict: 'HIT fresh', text: '{"value":1}' })
  })

  it('BYPASS excluded: excluded paths, and those whose TTL is 0', async () => {
    const { get } = setup(count(), { exclude: ['/health', '/openapi.json'], paths: { '/never': 0 } })
    for (const path of ['/health', '/health/live', '/openapi.json', '/never/x'])
      expect((await get(path)).verdict).toBe('BYPASS excluded')
    expect((await get('/healthy')).verdict).toBe('MISS absent')
  })

  it('answers whose headers cannot be changed, as fetch and redirects have them', async () => {
    const { get } = setup((c) => (c.req.path === '/redirect' ? Response.redirect('http://x/') : fetch('data:,text')), {
      exclude: ['/excluded'],
      maxBodyBytes: 3,
    })
    expect(await get('/redirect')).toMatchObject({ status: 302, verdict: 'MISS status' })
    expect(await get('/excluded')).toMatchObject({ status: 200, verdict: 'BYPASS excluded', text: 'text' })
    expect(await get('/large')).toMatchObject({ status: 200, text: 'text' })
  })

  it('BYPASS query-size: a body too large to be a query, announced or not', async () => {
    const { get, runs } = setup(async (c) => c.text(`${(await c.req.text()).length}`), {
      bodyQueries: ['/'],
      maxQueryBytes: 10,
    })
    for (const headers of [{}, { 'content-length': '11' }]) {
      expect(await get('/', headers, { method: 'POST', body: 'x'.repeat(11) })).toMatchObject({
        verdict: 'BYPASS query-size',
        text: '11',
      })
    }
    expect(runs()).toBe(2)
  })

  it('does not read more of a body than it may, and leaves all of it to the handler', async () => {
    let pulls = 0
    const { get } = setup(async (c) => c.text(`after ${pulls}: ${(await c.req.raw.text()).length}`), {
      bodyQueries: ['/'],
      maxQueryBytes: 100,
    })
    const body = (chunks: number) =>
      new ReadableStream({
        start() {
          pulls = 0
        },
        pull(controller) {
          pulls += 1
          controller.enqueue(Buffer.alloc(10))
          if (pulls === chunks) controller.close()
        },
      })
    const post = (chunks: number) => get('/', {}, { method: 'POST', body: body(chunks), duplex: 'half' } as RequestInit)
    expect(await post(5)).toMatchObject({ verdict: 'MISS absent', text: 'after 5: 50' })
    const large = await post(1_000)
    expect(large.verdict).toBe('BYPASS query-size')
    expect(large.text).toMatch(/^after 1\d: 10000$/)
  })

  const refused: [string, Handler][] = [
    ['status', (c) => c.json({}, 404)],
    ['status', (c) => c.json({}, 201)],
    [
      'status',
      () => {
        throw new Error('as planned')
      },
    ],
    ['set-cookie', (c) => c.text('x', 200, { 'set-cookie': 'a=b' })],
    ['no-store', (c) => c.text('x', 200, { 'cache-control': 'no-store' })],
    ['private', (c) => c.text('x', 200, { 'cache-control': 'private' })],
    ['vary', (c) => c.text('x', 200, { vary: 'Accept' })],
    ['vary', (c) => c.text('x', 200, { vary: '*' })],
    ['vary', (c) => c.body('x', 200, { 'content-encoding': 'gzip' })],
    ['oversize', (c) => c.text('x'.repeat(101))],
    ['oversize', (c) => c.text('x', 200, { 'content-length': '101' })],
    ['stream', (c) => streamSSE(c, async (sse) => sse.writeSSE({ data: 'x' }))],
    [
      'stream',
      (c) =>
        stream(c, async (out) => {
          await out.write('begin ')
          await new Promise((resolve) => setTimeout(resolve, 5))
          await out.write('end')
        }),
    ],
  ]
  it.each(refused)('MISS %s: passed on whole, never kept, and shared with nobody', async (cause, handler) => {
    const { get, runs, cache } = setup(handler, { maxBodyBytes: 100 })
    const plain = new Hono().get('/', handler)
    plain.onError((error, c) => c.text(error.message, 500))
    const alone = await (await plain.request('/')).text()
    const [first, second] = await Promise.all([get(), get()])
    expect([first.verdict, second.verdict]).toEqual([`MISS ${cause}`, `MISS ${cause}`])
    expect([first.text, second.text]).toEqual([alone, alone])
    expect((await get()).verdict).toBe(`MISS ${cause}`)
    expect(runs()).toBe(3)
    expect(cache.stats().entries).toBe(0)
  })

  it('MISS status: an error, whatever status the error handler gives it', async () => {
    const { app, get, cache } = setup(() => {
      throw new Error('as planned')
    })
    app.onError((_, c) => c.text('sorry', 200))
    expect(await get()).toMatchObject({ status: 200, verdict: 'MISS status', text: 'sorry' })
    expect(cache.stats().entries).toBe(0)
  })

  it('keeps a private answer for its caller, and a large one that is complete', async () => {
    const { get } = setup((c) => c.text('x'.repeat(900_000), 200, { 'cache-control': 'private' }))
    await get('/', { authorization: 'me' })
    expect(await get('/', { authorization: 'me' })).toMatchObject({ verdict: 'HIT fresh', text: 'x'.repeat(900_000) })
  })

  it('lets a stream through as it comes', async () => {
    let finish = (): void => undefined
    const finished = new Promise<void>((resolve) => {
      finish = resolve
    })
    const { app } = setup((c) =>
      stream(c, async (out) => {
        await out.write('first')
        await finished
      }),
    )
    const reader = (await app.request('/')).body?.getReader()
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('first')
    finish()
    expect((await reader?.read())?.done).toBe(true)
  })

  it('gives up waiting for a handler that hangs, and lets it finish for its own caller', async () => {
    let finish = (): void => undefined
    const { get, clock, runs } = setup((c) =>
      runs() > 1
        ? c.text('second')
        : new Promise((resolve) => {
            finish = () => resolve(c.text('first'))
          }),
    )
    const [first, second] = [get(), get()]
    await clock.advance(1_000)
    expect((await second).text).toBe('second')
    finish()
    expect((await first).text).toBe('first')
  })
})

describe('options', () => {
  it('per path: the longest prefix decides, by whole segments', async () => {
    const { get, clock, cache } = setup(count(), { paths: { '/api': 10_000, '/api/cards': 20_000 }, ttlMs: 1_000 })
    const paths = ['/api/cards/1', '/api/cardsharps', '/other']
    for (const path of paths) await get(path)
    const verdicts = async (): Promise<string[]> =>
      (await Promise.all(paths.map((path) => get(path)))).map(({ verdict }) => verdict)
    await clock.advance(1_000)
    expect(await verdicts()).toEqual(['HIT fresh', 'HIT fresh', 'MISS expired'])
    await clock.advance(9_000)
    expect(await verdicts()).toEqual(['HIT fresh', 'MISS expired', 'MISS expired'])
    expect(Object.keys(cache.stats().namespaces)).toEqual(['/api/cards', '/api', '*'])
  })

  it('has five minutes as its TTL where none is given', async () => {
    const clock = createFakeClock()
    const app = new Hono()
    app.use(responseCache({ cache: createCache({ clock }), principal: () => undefined, tags: () => [] }))
    app.get('/', (c) => c.text('x'))
    await app.request('/')
    await clock.advance(299_999)
    expect((await app.request('/')).headers.get('x-cache')).toBe('HIT')
    await clock.advance(1)
    expect((await app.request('/')).headers.get('x-cache')).toBe('MISS')
  })

  it('refuses stale answers that nobody could refresh', () => {
    expect(() => setup(count(), { staleMs: 1 })).toThrow(/refresh/)
  })

  it('counts a refresh that something in front of it refused as failed', async () => {
    const made = setup(count(), { staleMs: 30_000, refresh: () => new Response('no', { status: 401 }) })
    await made.get()
    await made.clock.advance(60_000)
    expect((await made.get()).verdict).toBe('STALE refreshing')
    await made.clock.settle()
    expect((await made.get()).verdict).toBe('STALE backoff')
  })
})
