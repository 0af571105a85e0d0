import { once } from 'node:events'
import { createServer } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFakeResolver } from '../testing/fake-resolver.ts'
import { redirect } from '../testing/hostile-routes.ts'
import { type LoopbackSite, startLoopbackSite } from '../testing/loopback-site.ts'
import { createGuardedFetch, type GuardedFetch } from './guarded-fetch.ts'

describe('a guarded fetch', () => {
  let site: LoopbackSite
  let other: LoopbackSite
  let door: GuardedFetch

  beforeAll(async () => {
    site = await startLoopbackSite({ '/slow': { delayMs: 5000 } })
    other = await startLoopbackSite({ '/': 'elsewhere' })
    const { resolve } = createFakeResolver({ 'site.example': ['127.0.0.1'], 'never.example': ['127.0.0.1'] })
    door = createGuardedFetch({
      contact: 'https://example.org/reader',
      allowPrivate: [site.host, other.host, `site.example:${site.port}`, 'never.example:9'],
      extraPorts: [9],
      resolve,
      now: () => Date.parse('2026-05-01T12:00:00Z'),
    })
  })
  afterAll(async () => {
    await door.close()
    await site.close()
    await other.close()
  })
  const lastRequest = () => site.requests.at(-1)

  it('brings body, headers, sizes and times', async () => {
    const body = 'text '.repeat(1000)
    site.set('/page', {
      body: gzipSync(body),
      headers: {
        'content-encoding': 'gzip',
        'cache-control': 'max-age=60',
        'last-modified': 'Fri, 01 May 2026 10:00:00 GMT',
      },
      etag: '"1"',
    })
    const fetched = await door.fetch(`${site.origin}/page#part`)
    expect(fetched).toMatchObject({
      outcome: 'ok',
      status: 200,
      url: `${site.origin}/page`,
      requestedUrl: `${site.origin}/page#part`,
      contentType: 'text/html; charset=utf-8',
      etag: '"1"',
      lastModified: 'Fri, 01 May 2026 10:00:00 GMT',
      cacheControl: 'max-age=60',
      redirects: [],
      truncated: false,
      wireBytes: gzipSync(body).length,
      timings: { totalMs: expect.any(Number), connectMs: expect.any(Number), headersMs: expect.any(Number) },
    })
    expect(fetched.outcome === 'ok' && new TextDecoder().decode(fetched.body)).toBe(body)
  })

  it('says who asks, and for which host', async () => {
    await door.fetch(`http://SITE.example.:${site.port}/`)
    expect(lastRequest()?.headers).toMatchObject({
      'user-agent': expect.stringMatching(/^Extropy\/\d+\.\d+\.\d+ \(\+https:\/\/example\.org\/reader\)$/),
      host: `site.example:${site.port}`,
    })
  })

  it('sees a 304 for the ETag that it was given', async () => {
    site.set('/tagged', { body: 'text', etag: 'W/"7"' })
    const first = await door.fetch(`${site.origin}/tagged`)
    expect(first).toMatchObject({ outcome: 'ok', etag: 'W/"7"' })
    const again = await door.fetch(`${site.origin}/tagged`, {
      etag: first.etag,
      lastModified: 'Fri, 01 May 2026 10:00:00 GMT',
    })
    expect(again).toMatchObject({ outcome: 'unchanged', status: 304, etag: 'W/"7"' })
    expect(lastRequest()?.headers['if-modified-since']).toBe('Fri, 01 May 2026 10:00:00 GMT')
  })

  it('leaves a validator out that no server can have sent, and takes no 304 that it did not ask for', async () => {
    site.set('/odd', { status: 304 })
    const fetched = await door.fetch(`${site.origin}/odd`, { lastModified: 'a\r\nhost: inner' })
    expect(lastRequest()?.headers['if-modified-since']).toBeUndefined()
    expect(fetched.outcome).toBe('unchanged')
    expect(await door.fetch(`${site.origin}/odd`)).toMatchObject({ outcome: 'failed', reason: 'status', status: 304 })
  })

  it.each([
    [200, 'ok', undefined],
    [204, 'ok', undefined],
    [304, 'failed', 'status'],
    [400, 'failed', 'status'],
    [401, 'blocked', 'status'],
    [402, 'paywalled', 'status'],
    [403, 'blocked', 'status'],
    [404, 'gone', 'status'],
    [410, 'gone', 'status'],
    [429, 'blocked', 'status'],
    [451, 'blocked', 'status'],
    [500, 'failed', 'status'],
    [503, 'failed', 'status'],
  ] as const)('calls %i %s', async (status, outcome, reason) => {
    site.set('/status', { status })
    const fetched = await door.fetch(`${site.origin}/status`)
    expect([fetched.outcome, 'reason' in fetched ? fetched.reason : undefined]).toEqual([outcome, reason])
  })

  it.each([
    ['cf-mitigated', 'challenge', 403],
    ['cf-mitigated', 'challenge', 200],
    ['x-amzn-waf-action', 'challenge', 202],
    ['x-vercel-mitigated', 'challenge', 429],
  ])('calls a challenge a challenge (%s: %s, %i)', async (name, value, status) => {
    site.set('/challenge', { status, headers: { [name]: value }, body: 'Just a moment...' })
    expect(await door.fetch(`${site.origin}/challenge`)).toMatchObject({
      outcome: 'blocked',
      reason: 'challenge',
      status,
    })
  })

  it.each([
    ['120', 120_000],
    ['Fri, 01 May 2026 12:01:00 GMT', 60_000],
    ['Fri, 01 May 2020 12:01:00 GMT', 0],
    ['soon', undefined],
    ['-5', undefined],
  ])('reads Retry-After: %s', async (value, retryAfterMs) => {
    site.set('/later', { status: 503, headers: { 'retry-after': value } })
    expect((await door.fetch(`${site.origin}/later`)) as { retryAfterMs?: number }).toHaveProperty('status', 503)
    const fetched = await door.fetch(`${site.origin}/later`)
    expect('retryAfterMs' in fetched ? fetched.retryAfterMs : undefined).toBe(retryAfterMs)
  })

  it('tells the way of redirects, and how far it is permanent', async () => {
    site.set('/a', redirect('/b', 301))
    site.set('/b', redirect(`http://site.example:${site.port}/c`, 308))
    site.set('/c', redirect('/d', 302))
    site.set('/d', redirect('/e', 301))
    site.set('/e', 'here')
    const fetched = await door.fetch(`${site.origin}/a`)
    expect(fetched).toMatchObject({ outcome: 'ok', url: `http://site.example:${site.port}/e` })
    expect(fetched.redirects.map(({ status, permanent }) => [status, permanent])).toEqual([
      [301, true],
      [308, true],
      [302, false],
      [301, true],
    ])
    expect(fetched.movedTo).toBe(`http://site.example:${site.port}/c`)
  })

  it('follows five redirects and no sixth', async () => {
    for (let hop = 1; hop <= 6; hop++) site.set(`/hop${hop}`, redirect(`/hop${hop + 1}`))
    site.set('/hop7', 'too far')
    expect(await door.fetch(`${site.origin}/hop2`)).toMatchObject({ outcome: 'ok' })
    expect(await door.fetch(`${site.origin}/hop1`)).toMatchObject({ outcome: 'refused', reason: 'too-many-redirects' })
  })

  it('gives a redirect back where it is not to be followed', async () => {
    site.set('/moved', redirect(`${other.origin}/`, 307))
    const fetched = await door.fetch(`${site.origin}/moved`, { method: 'POST', body: '{}', redirect: 'manual' })
    expect(fetched).toMatchObject({ outcome: 'failed', reason: 'redirect', headers: { location: `${other.origin}/` } })
    expect(other.requests).toHaveLength(0)
  })

  it('posts a body with headers of the caller', async () => {
    let received = ''
    site.set('/hook', async (request, response) => {
      for await (const chunk of request) received += chunk
      response.end('thanks')
    })
    const headers = { 'content-type': 'application/json', 'x-signature': 'abc' }
    expect(await door.fetch(`${site.origin}/hook`, { method: 'POST', headers, body: '{"a":1}' })).toMatchObject({
      outcome: 'ok',
    })
    expect([received, lastRequest()?.method, lastRequest()?.headers['x-signature']]).toEqual(['{"a":1}', 'POST', 'abc'])
  })

  it('takes no secret to another origin', async () => {
    site.set('/out', redirect(`${other.origin}/in`))
    const headers = { authorization: 'Bearer x', cookie: 'a=b', 'x-api-key': 'k', accept: 'text/html' }
    await door.fetch(`${site.origin}/out`, { headers })
    expect(lastRequest()?.headers).toMatchObject(headers)
    const seen = other.requests.at(-1)?.headers ?? {}
    expect(seen.accept).toBe('text/html')
    expect(Object.keys(seen).filter((name) => ['authorization', 'cookie', 'x-api-key'].includes(name))).toEqual([])
  })

  it('throws for a request that cannot be made', async () => {
    await expect(door.fetch(site.origin, { headers: { Host: 'inner' } })).rejects.toThrow('host is set by')
    await expect(door.fetch(site.origin, { headers: { 'x-a': 'a\r\nb: c' } })).rejects.toThrow('x-a')
    await expect(door.fetch(site.origin, { method: 'GET / HTTP/1.1' })).rejects.toThrow('method')
  })

  it('takes the beginning of a long body where that is asked for', async () => {
    site.set('/long', { body: 'x'.repeat(100_000) })
    expect(await door.fetch(`${site.origin}/long`, { maxBytes: 1000 })).toMatchObject({ reason: 'too-large' })
    const fetched = await door.fetch(`${site.origin}/long`, { maxBytes: 1000, cut: true })
    expect(fetched.outcome === 'ok' && [fetched.body.length, fetched.truncated]).toEqual([1000, true])
  })

  it('names what failed on the way', async () => {
    expect(await door.fetch('http://unknown.example/')).toMatchObject({ outcome: 'failed', reason: 'dns' })
    expect(await door.fetch('http://never.example:9/')).toMatchObject({ outcome: 'failed', reason: 'connection' })
    expect(await door.fetch(`https://${site.host}/`)).toMatchObject({ outcome: 'failed', reason: 'tls' })
  })

  it('frees the socket at once when it is aborted, while connecting, waiting and reading', async () => {
    // Accepts, and never says a word: TLS hangs in its handshake.
    const mute = createServer().listen(0, '127.0.0.1')
    await once(mute, 'listening')
    const { port } = mute.address() as { port: number }
    const guarded = createGuardedFetch({ allowPrivate: [`127.0.0.1:${port}`, site.host] })
    site.set('/opened', (_request, response) => response.writeHead(200).write('x'))
    for (const url of [`https://127.0.0.1:${port}/`, `http://127.0.0.1:${port}/`, `${site.origin}/opened`]) {
      const connected = url.startsWith(site.origin) ? undefined : once(mute, 'connection')
      const controller = new AbortController()
      const fetching = guarded.fetch(url, { signal: controller.signal })
      const [socket] = (await connected) ?? []
      if (!socket) await expect.poll(() => lastRequest()?.path).toBe('/opened')
      const closed = socket && once(socket.on('error', () => undefined).resume(), 'close')
      controller.abort(new Error('enough'))
      await expect(fetching).rejects.toThrow('enough')
      await closed
      if (!socket) await expect.poll(() => lastRequest()?.endedAt).toBeDefined()
    }
    await guarded.close()
    mute.close()
  })

  it('ends everything when it is closed', async () => {
    const guarded = createGuardedFetch({ allowPrivate: [site.host] })
    const fetching = guarded.fetch(`${site.origin}/slow`)
    await expect.poll(() => lastRequest()?.path).toBe('/slow')
    const ended = expect(fetching).rejects.toThrow('closed')
    await guarded.close()
    await ended
    await expect(guarded.fetch(site.origin)).rejects.toThrow('closed')
  })

  it('ends in time when the resolver never answers', async () => {
    const guarded = createGuardedFetch({ resolve: () => new Promise(() => undefined), limits: { timeoutMs: 100 } })
    expect(await guarded.fetch('http://site.example/')).toMatchObject({ outcome: 'failed', reason: 'timeout' })
    await guarded.close()
  })

  it('tells a setting that cannot be read', () => {
    expect(() => createGuardedFetch({ allowPrivate: ['http://nas/'] })).toThrow('FETCH_ALLOW_PRIVATE')
    expect(() => createGuardedFetch({ allowPrivate: ['10.0.0.0/8'] })).toThrow('host or host:port')
    expect(() => createGuardedFetch({ contact: 'a\r\nb' })).toThrow('USER_AGENT_CONTACT')
  })
})
