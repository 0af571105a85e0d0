import { monitorEventLoopDelay } from 'node:perf_hooks'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGuardedFetch, type GuardedFetch } from '../fetch/guarded-fetch.ts'
import { createMemoryLanes } from '../lanes/memory-lanes.ts'
import { createFakeResolver } from '../testing/fake-resolver.ts'
import { redirect } from '../testing/hostile-routes.ts'
import { type LoopbackSite, startLoopbackSite } from '../testing/loopback-site.ts'
import { createRobots, type Robots } from './robots.ts'

describe('robots.txt', () => {
  let site: LoopbackSite
  let door: GuardedFetch
  let robots: Robots

  beforeEach(async () => {
    site = await startLoopbackSite()
    const { resolve } = createFakeResolver({ 'inner.example': ['10.0.0.1'] })
    door = createGuardedFetch({ allowPrivate: [site.host], resolve, limits: { timeoutMs: 300 } })
    robots = createRobots({ guardedFetch: door, lanes: createMemoryLanes(), minIntervalMs: 1, readLimitMs: 1000 })
  })
  afterEach(async () => {
    await robots.close()
    await door.close()
    await site.close()
  })
  const check = (path: string) => robots.check(new URL(path, site.origin))
  const askedFor = () => site.requests.filter(({ path }) => path === '/robots.txt').length

  it('is obeyed: our own group before the one for all, the longest rule, Allow on a tie', async () => {
    site.set(
      '/robots.txt',
      [
        '\uFEFFUser-agent: *',
        'Disallow: /',
        '',
        'User-Agent: other',
        'User-agent: extropy',
        'Disallow: /private',
        'Allow: /private/open$',
        'Disallow: /*.pdf',
        'Crawl-delay: 2.5',
        'Sitemap: /sitemap.xml',
        'Sitemap: /sitemap.xml',
        'Sitemap: javascript:alert(1)',
      ].join('\n'),
    )
    expect(await check('/')).toEqual({
      allowed: true,
      basis: 'rules',
      crawlDelayMs: 2500,
      sitemaps: [`${site.origin}/sitemap.xml`],
    })
    const allowed = async (path: string) => (await check(path)).allowed
    expect(
      await Promise.all(['/private', '/private/open', '/private/open/x', '/a.pdf?x', '/robots.txt'].map(allowed)),
    ).toEqual([false, true, false, false, true])
    expect((await check('/private')).problem).toMatchObject({ outcome: 'refused', reason: 'robots-disallowed' })
    expect(askedFor()).toBe(1)
    expect(site.requests).toHaveLength(1)
  })

  it.each([404, 401, 403, 410])('allows everything where there is none (%i)', async (status) => {
    site.set('/robots.txt', { status })
    expect(await check('/page')).toEqual({ allowed: true, basis: 'no-rules', sitemaps: [] })
    await check('/page')
    expect(askedFor()).toBe(1)
  })

  it.each([500, 503, 429])('makes us wait where the server cannot tell (%i), as long as it says', async (status) => {
    site.set('/robots.txt', { status, headers: { 'retry-after': '1' } })
    const verdict = await check('/page')
    expect(verdict).toMatchObject({ allowed: false, basis: 'unreadable' })
    expect(verdict.problem).toMatchObject({ outcome: 'refused', reason: 'robots-unreachable', retryAfterMs: 1000 })
    site.set('/robots.txt', { status: 404 })
    expect((await check('/page')).allowed).toBe(false)
    await expect.poll(async () => (await check('/page')).allowed, { timeout: 5000, interval: 100 }).toBe(true)
    expect(askedFor()).toBe(2)
  })

  it('makes us wait where nobody answers, and names a host that is not to be reached', async () => {
    site.set('/robots.txt', () => undefined)
    expect((await check('/page')).problem).toMatchObject({ reason: 'robots-unreachable' })
    const inner = await robots.check(new URL('http://inner.example/page'))
    expect(inner.problem).toMatchObject({ outcome: 'refused', reason: 'private-address' })
  })

  it('may be elsewhere, and holds for the host that was asked', async () => {
    site.set('/robots.txt', redirect('/moved.txt', 301))
    site.set('/moved.txt', 'User-agent: *\nDisallow: /private')
    expect((await check('/private')).allowed).toBe(false)
    expect((await check('/open')).allowed).toBe(true)
  })

  it('is asked for once by many who come at the same time; one who leaves takes nobody along', async () => {
    site.set('/robots.txt', { body: '', delayMs: 100 })
    const controller = new AbortController()
    const leaving = robots.check(new URL('/page', site.origin), controller.signal)
    const staying = Array.from({ length: 20 }, () => check('/page'))
    controller.abort(new Error('gone'))
    await expect(leaving).rejects.toThrow('gone')
    expect((await Promise.all(staying)).every(({ allowed }) => allowed)).toBe(true)
    expect(askedFor()).toBe(1)
  })

  it('is not waited for when nobody wants it any more', async () => {
    site.set('/robots.txt', () => undefined)
    const controller = new AbortController()
    const leaving = robots.check(new URL('/page', site.origin), controller.signal)
    await expect.poll(askedFor).toBe(1)
    controller.abort(new Error('gone'))
    await expect(leaving).rejects.toThrow('gone')
    await expect.poll(() => site.requests[0]?.endedAt).toBeDefined()
    site.set('/robots.txt', { status: 404 })
    expect((await check('/page')).allowed).toBe(true)
  })

  it('is obeyed in whatever encoding it is, with a mark or without', async () => {
    const text = 'User-agent: *\nDisallow: /private\n'
    const little = Buffer.from(text, 'utf16le')
    const bodies = [
      Buffer.from(`\uFEFF${text}`, 'utf16le'),
      Buffer.from(`\uFEFF${text}`, 'utf16le').swap16(),
      little,
      Buffer.from(little).swap16(),
      Buffer.from(`# Gr\u00fc\u00dfe\n${text}`, 'latin1'),
    ]
    for (const body of bodies) {
      site.set('/robots.txt', { body })
      const fresh = createRobots({
        guardedFetch: door,
        lanes: createMemoryLanes(),
        minIntervalMs: 1,
        readLimitMs: 20_000,
      })
      expect((await fresh.check(new URL('/private', site.origin))).allowed).toBe(false)
      await fresh.close()
    }
  })

  it('is read up to 512 KiB, and a rule that is cut in half does not count', async () => {
    const head = 'User-agent: *\nDisallow: /early\n'
    const half = 'Disallow: /'
    const filler = `#${'x'.repeat(512 * 1024 - head.length - half.length - 2)}\n`
    site.set('/robots.txt', `${head}${filler}${half}late\nDisallow: /later`)
    expect((await check('/early')).allowed).toBe(false)
    expect((await check('/late')).allowed).toBe(true)
    expect((await check('/later')).allowed).toBe(true)
  })

  it('has rules behind 4,000 groups for others, which are obeyed', async () => {
    const others = Array.from({ length: 4000 }, (_, n) => `User-agent: bot${n}\nDisallow: /\n\n`)
    site.set('/robots.txt', `${others.join('')}User-agent: *\nDisallow: /private\n`)
    const patient = createRobots({
      guardedFetch: door,
      lanes: createMemoryLanes(),
      minIntervalMs: 1,
      readLimitMs: 20_000,
    })
    const verdict = await patient.check(new URL('/private', site.origin))
    expect(verdict.problem?.reason).toBe('robots-disallowed')
    await patient.close()
  })

  it('caps the delay between two requests', async () => {
    site.set('/robots.txt', 'User-agent: *\nCrawl-delay: 86400')
    expect((await check('/')).crawlDelayMs).toBe(60_000)
  })

  it.each(['-5', 'Infinity', 'soon', ''])('reads no delay from «%s» that would stop or free us', async (delay) => {
    site.set('/robots.txt', `User-agent: *\nCrawl-delay: ${delay}`)
    expect([undefined, 60_000]).toContain((await check('/')).crawlDelayMs)
  })

  it.each([
    ['wildcards that never match', `Disallow: ${'*a'.repeat(32 * 1024)}b`],
    ['wildcards in many rules', `Disallow: ${'/*a*a*a*a*a*b\nDisallow: '.repeat(2700)}`],
    ['as many agents as rules', `${'User-agent: a\n'.repeat(2300)}${'Disallow: /b\n'.repeat(2300)}`],
  ])('that is made to keep us busy holds up nothing else: %s', async (_name, text) => {
    site.set('/robots.txt', `User-agent: *\n${text}`)
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    const verdict = await robots.check(new URL(`/${'a'.repeat(4000)}`, site.origin))
    delay.disable()
    // Sanity only; in this thread it would be seconds.
    expect(delay.max / 1e6).toBeLessThan(500)
    if (!verdict.allowed) expect(verdict.problem?.reason).toMatch(/^robots-(too-complex|disallowed)$/)
    site.set('/other', '')
    expect(await robots.check(new URL(site.origin))).toBeDefined()
  })
})
