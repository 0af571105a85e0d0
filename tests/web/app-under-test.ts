import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@extropy/client'
import { createTestFolder } from '@extropy/db/testing'
import { startLoopbackSite } from '@extropy/intake/testing'
import { createKey, run, startServer } from '@extropy/server/testing'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { buildProgram, freshBuild } from '../../apps/web/scripts/fresh-build.ts'
import { launchChromium } from '../browser/chromium.ts'
import { blog } from './blog.ts'
import { posts } from './posts.ts'

const phone: BrowserContextOptions = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true }

interface OpenOptions extends BrowserContextOptions {
  readonly key?: string
  readonly isPhone?: boolean
  /** For pages whose requests are made to fail: Chromium notes each one in the console. */
  readonly mayComplain?: boolean
  /** In a context of its own, with nothing kept of the pages before. So is whoever sets anything of a context. */
  readonly isFresh?: boolean
  /** Called before the page loads. */
  readonly before?: (page: Page) => Promise<unknown>
  /** Called when the page has loaded, and the app may not be there yet. */
  readonly onLoad?: (page: Page) => Promise<unknown>
}

/** One server with a small collection, one browser, and everything that their pages asked for and complained of. */
export async function startApp() {
  // While the database fills; the server finds it done.
  const build = freshBuild().isStale ? run(buildProgram, [], {}).exit() : undefined
  const folder = await mkdtemp(join(tmpdir(), 'extropy-web-'))
  const DATABASE_URL = await createTestFolder(join(folder, 'data'))
  const ada = await createKey({ DATABASE_URL }, '--scope', 'admin')
  const file = join(folder, 'posts.jsonl')
  await writeFile(file, posts.map((post) => JSON.stringify(post)).join('\n'))
  const ingest = run('apps/server/src/cli/ingest.ts', [file], { DATABASE_URL })
  if ((await ingest.exit()) !== 0) throw new Error(ingest.output())
  const site = await startLoopbackSite(blog)
  await build
  const server = await startServer({
    DATABASE_URL,
    LOG_LEVEL: 'error',
    WEB_APP: 'on',
    FETCH_ALLOW_PRIVATE: site.host,
  })
  const client = (apiKey?: string) => createClient({ url: server.url, ...(apiKey && { apiKey }) })
  const keyOf = async (username: string, scopes: ('read' | 'write')[], rateLimitPerHour = 1000) => {
    const user = await client(ada).users.create.mutate({ username, email: `${username}@example.org` })
    return (await client(ada).keys.create.mutate({ name: 'test', userId: user.id, scopes, rateLimitPerHour })).key
  }
  const keys = {
    ada,
    bob: await keyOf('bob', ['read', 'write']),
    reader: await keyOf('carol', ['read']),
    hasty: await keyOf('hasty', ['read', 'write'], 4),
    doomed: await keyOf('dora', ['read', 'write']),
  }
  await untilBuilt(server.url)
  const browser: Browser = await launchChromium()
  const complaints: string[] = []
  const requests: string[] = []
  const contexts: BrowserContext[] = []
  // Shared by most flows: the app's files come out of its memory, as they do for whoever opens a second page.
  let shared: BrowserContext | undefined

  return {
    url: server.url,
    /** Somebody else's, with a feed: what is followed. */
    site,
    keys,
    client,
    complaints,
    requests,
    newContext: async (options: BrowserContextOptions = {}) => {
      const context = await browser.newContext(options)
      contexts.push(context)
      return context
    },
    /** A page whose app is there: what is pressed or typed from now on arrives. */
    async open(
      path: string,
      { key, isPhone, mayComplain, isFresh, before, onLoad, ...rest }: OpenOptions = {},
    ): Promise<Page> {
      const options = { ...(isPhone ? phone : {}), ...rest }
      const isOwn = isFresh === true || Object.keys(options).length > 0
      if (!isOwn) shared ??= await browser.newContext()
      const context = isOwn ? await this.newContext(options) : (shared as BrowserContext)
      const page = await context.newPage()
      if (key) await page.addInitScript((it) => sessionStorage.setItem('extropy-key', it), key)
      page.setDefaultTimeout(20_000)
      const note = (text: string) => {
        if (!mayComplain || !/Failed to load resource/.test(text)) complaints.push(`${path}: ${text}`)
      }
      page.on('console', (message) => note(message.text()))
      page.on('pageerror', (error) => note(error.message))
      page.on('request', (request) => requests.push(request.url()))
      await before?.(page)
      await page.goto(server.url + path)
      await onLoad?.(page)
      await page.locator('#content').waitFor({ state: 'attached' })
      return page
    },
    /** After each test: what it left open would go on asking, and what it kept would be the next one's. */
    async closePages() {
      await Promise.all(contexts.splice(0).map((context) => context.close()))
      const [first, ...others] = shared?.pages() ?? []
      await Promise.all(others.map((page) => page.close()))
      if (first === undefined) return
      const isEmptied = await first
        .evaluate(() => localStorage.clear())
        .then(
          () => true,
          () => false,
        )
      await first.close()
      if (isEmptied) return
      await shared?.close()
      shared = undefined
    },
    async close() {
      await browser.close()
      server.child.kill('SIGKILL')
      await server.exit()
      await site.close()
      await rm(folder, { recursive: true })
    },
  }
}

export type App = Awaited<ReturnType<typeof startApp>>

/** A first start builds the app; until then its page says so. */
async function untilBuilt(url: string): Promise<void> {
  for (let tries = 0; tries < 150; tries++) {
    if ((await fetch(url)).status === 200) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error('the web app was not built')
}
