import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestFolder } from '@extropy/db/testing'
import { run, startServer } from '@extropy/server/testing'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasChromium, launchChromium, openPage } from './browser/chromium.ts'

describe.skipIf(!hasChromium('the page at /'))('the page at /', () => {
  let folder: string
  let server: Awaited<ReturnType<typeof startServer>>
  let browser: Browser
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'extropy-home-'))
    const DATABASE_URL = await createTestFolder(join(folder, 'data'))
    const file = join(folder, 'posts.jsonl')
    const post = {
      platform: 'web',
      source_url: 'https://example.org/lighthouse',
      author: 'Ana Writer',
      title: 'The lighthouse <img src=x onerror=alert(1)>',
      body: 'The lighthouse of Fanad was built in 1817 after a frigate was lost. It has been automatic since 1983.',
    }
    await writeFile(file, JSON.stringify(post))
    expect(await run('apps/server/src/cli/ingest.ts', [file], { DATABASE_URL }).exit()).toBe(0)
    server = await startServer({ DATABASE_URL, LOG_LEVEL: 'error' })
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser?.close()
    server?.child.kill('SIGKILL')
    await server?.exit()
    await rm(folder, { recursive: true })
  })

  test('a question gets its answer with numbered sources, from this server alone', async () => {
    const { page, complaints, requests } = await openPage(browser, server.url)
    await page.getByLabel('Your question').fill('When was the lighthouse of Fanad built?')
    await page.getByRole('button', { name: 'Ask' }).click()
    await expect.poll(() => page.locator('#answer').textContent(), { timeout: 10_000 }).toContain('1817')
    expect(await page.locator('#answer a').first().textContent()).toBe('[1]')
    // A title is text, whatever an author wrote.
    const source = page.locator('#source-1 a')
    expect(await source.textContent()).toBe('The lighthouse <img src=x onerror=alert(1)>')
    expect(await source.getAttribute('href')).toBe('https://example.org/lighthouse')
    expect(requests.filter((url) => !url.startsWith(server.url))).toEqual([])
    expect(complaints).toEqual([])
  })

  test('a question about what is not here is told so', async () => {
    const { page } = await openPage(browser, `${server.url}/?q=${encodeURIComponent('best pizza in Naples')}`)
    await expect.poll(() => page.locator('#notice').textContent(), { timeout: 10_000 }).toMatch(/pizza|Naples/)
    expect(await page.locator('#answer').textContent()).toBe('')
  })

  test('/docs/ leads to /docs, and there is an icon', async () => {
    const moved = await fetch(`${server.url}/docs/`, { redirect: 'manual' })
    expect([moved.status, moved.headers.get('location')]).toEqual([308, '/docs'])
    expect((await fetch(`${server.url}/favicon.ico`)).headers.get('content-type')).toBe('image/svg+xml')
  })
})
