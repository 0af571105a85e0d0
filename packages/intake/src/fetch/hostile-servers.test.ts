import { monitorEventLoopDelay } from 'node:perf_hooks'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHostileRoutes } from '../testing/hostile-routes.ts'
import { type LoopbackSite, startLoopbackSite } from '../testing/loopback-site.ts'
import type { FetchReason } from './fetched.ts'
import { createGuardedFetch, type GuardedFetch } from './guarded-fetch.ts'

const expected: Readonly<Record<string, readonly [outcome: string, reason: FetchReason]>> = {
  '/bomb/gzip': ['refused', 'bomb'],
  '/bomb/br': ['refused', 'bomb'],
  '/bomb/zstd': ['refused', 'bomb'],
  '/bomb/double-gzip': ['refused', 'bomb'],
  '/bomb/many-layers': ['refused', 'bad-encoding'],
  '/endless': ['refused', 'too-large'],
  '/large-length': ['refused', 'too-large'],
  '/drip': ['failed', 'timeout'],
  '/silent': ['failed', 'timeout'],
  '/silent-body': ['failed', 'timeout'],
  '/large-headers': ['refused', 'headers-too-large'],
  '/not-gzip': ['failed', 'bad-encoding'],
  '/unknown-encoding': ['failed', 'bad-encoding'],
  '/inherited-encoding': ['failed', 'bad-encoding'],
  '/not-http': ['failed', 'bad-response'],
  '/hang-up': ['failed', 'connection'],
  '/cut-short': ['failed', 'connection'],
  '/loop': ['refused', 'too-many-redirects'],
  '/ping': ['refused', 'too-many-redirects'],
  '/nowhere': ['failed', 'bad-redirect'],
  '/to-file': ['refused', 'bad-scheme'],
  '/to-javascript': ['refused', 'bad-scheme'],
}

describe('hostile servers', () => {
  let site: LoopbackSite
  let door: GuardedFetch

  beforeAll(async () => {
    site = await startLoopbackSite(await createHostileRoutes())
    door = createGuardedFetch({ allowPrivate: [site.host], limits: { timeoutMs: 500 } })
  })
  afterAll(async () => {
    await door.close()
    await site.close()
  })

  it.each(Object.entries(expected))('are told apart: %s', async (path, [outcome, reason]) => {
    const fetched = await door.fetch(site.origin + path)
    expect(fetched).toMatchObject({ outcome, reason })
    expect(fetched).not.toHaveProperty('body')
    expect(fetched.wireBytes).toBeLessThan(11 * 1024 ** 2)
  })

  it('do not hold up the rest of the process, all at once and again and again', async ({ annotate }) => {
    const delay = monitorEventLoopDelay({ resolution: 1 })
    const figures = () => [50, 99, 100].map((share) => (delay.percentile(share) / 1e6).toFixed(1)).join(' / ')
    delay.enable()
    await new Promise((resolve) => setTimeout(resolve, 1500))
    const idle = figures()
    delay.reset()
    for (let round = 0; round < 3; round++) {
      await Promise.all(Object.keys(expected).map((path) => door.fetch(site.origin + path)))
    }
    delay.disable()
    await annotate(
      `event loop delay p50 / p99 / max, the servers in the same process: ${figures()} ms; of the idle process: ${idle} ms`,
    )
    // Sanity only: a busy machine is slow for reasons of its own.
    expect(delay.percentile(99) / 1e6).toBeLessThan(500)
  })

  it('leave no socket behind', async () => {
    await expect.poll(() => site.openConnections).toBe(0)
  })

  it('are not confused with a page that packs well', async () => {
    const body = '<td></td>'.repeat(100_000)
    site.set('/table', { body: gzipSync(body), headers: { 'content-encoding': 'gzip' } })
    expect(gzipSync(body).length).toBeLessThan(body.length / 100)
    expect(await door.fetch(`${site.origin}/table`)).toMatchObject({ outcome: 'ok', body: { length: body.length } })
  })
})
