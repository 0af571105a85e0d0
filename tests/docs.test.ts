import { type RunningProcess, startServer } from '@extropy/server/testing'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasChromium, launchChromium, openPage } from './browser/chromium.ts'

describe.skipIf(!hasChromium('/docs'))('/docs in a browser', () => {
  let browser: Browser
  let server: RunningProcess & { readonly url: string }
  beforeAll(async () => {
    server = await startServer({ DATABASE_URL: 'memory:' })
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser?.close()
    server?.child.kill('SIGTERM')
    await server?.exit()
  })

  test('every operation is there, can be opened and tried; nothing is complained about or loaded from elsewhere', async () => {
    const { page, complaints, requests } = await openPage(browser, `${server.url}/docs`)
    const { paths } = (await (await fetch(`${server.url}/openapi.json`)).json()) as {
      paths: Record<string, Record<string, unknown>>
    }
    const operations = Object.values(paths).flatMap((methods) => Object.keys(methods))
    expect(operations.length).toBeGreaterThan(40)
    const shown = page.locator('.opblock')
    await shown.first().waitFor()
    expect(await shown.count()).toBe(operations.length)

    const health = page.locator('.opblock', { has: page.locator('[data-path="/health/live"]') })
    await health.locator('.opblock-summary').click()
    await health.getByRole('button', { name: 'Try it out' }).click()
    await health.getByRole('button', { name: 'Execute' }).click()
    await health.locator('.live-responses-table').waitFor()
    expect(await health.locator('.live-responses-table').textContent()).toContain('uptimeSeconds')

    expect(complaints).toEqual([])
    expect(requests).toContain(`${server.url}/openapi.json`)
    expect(requests.filter((url) => !url.startsWith(`${server.url}/`))).toEqual([])
    await page.close()
  })
})
