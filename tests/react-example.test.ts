import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestFolder } from '@extropy/db/testing'
import { createKey, run, startServer } from '@extropy/server/testing'
import type { Browser, Page } from 'playwright-core'
import { createServer, type ViteDevServer } from 'vite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasChromium, launchChromium, openPage } from './browser/chromium.ts'

const root = 'packages/client/examples/react'

describe.skipIf(!hasChromium('the React example'))('the React example in a browser', () => {
  let folder: string
  let server: Awaited<ReturnType<typeof startServer>>
  let vite: ViteDevServer
  let browser: Browser
  let page: Page
  let key: string
  let complaints: readonly string[]
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'extropy-react-'))
    const DATABASE_URL = await createTestFolder(join(folder, 'data'))
    key = await createKey({ DATABASE_URL })
    const file = join(folder, 'posts.jsonl')
    await writeFile(file, Array.from({ length: 7 }, (_, n) => post(n)).join('\n'))
    expect(await run('apps/server/src/cli/ingest.ts', [file], { DATABASE_URL }).exit()).toBe(0)
    server = await startServer({ DATABASE_URL, LOG_LEVEL: 'error' })
    vite = await createServer({
      root,
      configFile: false,
      logLevel: 'error',
      cacheDir: join(folder, 'vite'),
      server: { port: 0, host: '127.0.0.1', proxy: { '/trpc': server.url } },
    })
    await vite.listen()
    browser = await launchChromium()
    const opened = await openPage(browser, vite.resolvedUrls?.local[0] ?? '')
    page = opened.page
    complaints = opened.complaints
  })
  afterAll(async () => {
    await browser?.close()
    await vite?.close()
    server?.child.kill('SIGKILL')
    await server?.exit()
    await rm(folder, { recursive: true })
  })

  test('a search shows what it finds', async () => {
    await page.getByLabel('Search for').fill('lighthouse number three')
    await page.getByRole('link', { name: 'The lighthouse, part 3' }).waitFor()
  })

  test('an answer comes as text', async () => {
    await page.getByLabel('Question').fill('Who keeps lighthouse number four?')
    await page.getByRole('button', { name: 'Ask' }).click()
    await expect.poll(() => page.locator('[aria-label=Answer] p').first().textContent()).toContain('lighthouse')
  })

  test('a list has pages', async () => {
    const items = page.locator('[aria-label=Contents] li')
    await expect.poll(() => items.count(), { timeout: 10_000 }).toBe(5)
    await page.getByRole('button', { name: 'More' }).click()
    await expect.poll(() => items.count()).toBe(7)
  })

  test('a card that lacks something says which field; a whole one is published once, however often it is sent', async () => {
    const publish = page.getByRole('button', { name: 'Publish' })
    await page.getByLabel('API key').fill(key)
    await publish.click()
    await expect.poll(() => page.locator('[aria-label=Publish] [role=alert]').textContent()).toContain('title')
    await page.getByLabel('Title').fill('From the example')
    await page.getByLabel('Body').fill('Words.')
    await publish.click()
    await page.getByText('Published, 1.00000000 tokens earned').waitFor()
    const { items } = (await (await fetch(`${server.url}/api/cards`)).json()) as { items: unknown[] }
    expect(items).toHaveLength(1)
  })

  test('nothing was complained of', () => {
    // The refused card is one failed request, which Chromium notes by itself.
    expect(complaints.filter((line) => !/status of 400|React DevTools|\[vite\]/.test(line))).toEqual([])
  })
})

function post(n: number): string {
  const numbers = ['one', 'two', 'three', 'four', 'five', 'six', 'seven']
  const body = `The lighthouse number ${numbers[n]} is kept by Ada Keeper. She has lived there since 1990.`
  return JSON.stringify({
    platform: 'web',
    source_url: `https://example.org/lighthouse/${n + 1}`,
    author: 'Ana Writer',
    title: `The lighthouse, part ${n + 1}`,
    body,
  })
}
