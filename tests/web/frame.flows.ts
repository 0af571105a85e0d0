import { gzipSync } from 'node:zlib'
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { App } from './app-under-test.ts'

const maxHomeKilobytes = 130

interface AxeViolation {
  readonly id: string
  readonly nodes: readonly { readonly html: string }[]
}

export function frameFlows(app: () => App): void {
  const somePages = async () => {
    const ada = app().client(app().keys.ada)
    const { items } = await app().client().contents.list.query({ limit: 100 })
    const authors = await app().client().authors.list.query({ search: 'Ivo' })
    const cards = await app().client().cards.list.query({ search: 'hub' })
    const sources = await ada.sources.list.query({})
    const jobs = await ada.jobs.list.query({ status: 'succeeded' })
    const sessions = await ada.researchSessions.list.query({ status: 'completed' })
    const patterns = await app().client().patterns.list.query({ type: 'elaboration' })
    const contentId = items.find(({ title }) => title.startsWith('The lighthouse, part 3'))?.id
    return [
      '/',
      '/?q=When+was+the+lighthouse+of+Fanad+built%3F',
      '/?q=best+pizza+in+Naples&platform=web',
      `/read/${contentId}?mark=number+three`,
      '/authors',
      `/authors/${authors.items[0]?.id}?pattern=${patterns.items[0]?.id}`,
      '/cards',
      '/cards?of=mine',
      '/cards/new',
      `/cards/${cards.items[0]?.id}`,
      `/cards/${cards.items[0]?.id}?as=list`,
      '/sources',
      `/sources/${sources.items.at(-1)?.id}`,
      `/jobs?job=${jobs.items[0]?.id}`,
      '/research',
      '/research/new',
      `/research/${sessions.items[0]?.id}`,
      '/tokens',
      '/keys',
      '/performance',
      '/no-such-page',
    ]
  }

  test('axe finds nothing on any page, in light and in dark, and none is wider than a phone of 360 pixels', async () => {
    const page = await app().open('/', { key: app().keys.ada, colorScheme: 'light' })
    const found: string[] = []
    for (const path of await somePages()) {
      await page.goto(app().url + path)
      await isSettled(page)
      const inLight = await violationsOn(page)
      await page.emulateMedia({ colorScheme: 'dark' })
      // Colours alone differ.
      const inDark = await violationsOn(page, ['color-contrast', 'link-in-text-block'])
      found.push(
        ...[...inLight, ...inDark].map(({ id, nodes }) => `${path}: ${id}: ${nodes.map(({ html }) => html).join(' ')}`),
      )
      await page.emulateMedia({ colorScheme: 'light' })
      await page.setViewportSize({ width: 360, height: 740 })
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      if (overflow > 0) found.push(`${path}: ${overflow} pixels too wide`)
      await page.setViewportSize({ width: 1280, height: 720 })
    }
    expect(found.map((each) => each.slice(0, 400))).toEqual([])
  })

  test('axe finds nothing in the dialogs', async () => {
    const page = await app().open('/')
    const found: string[] = []
    for (const open of ['Use a key', 'Keyboard shortcuts', /^Find/]) {
      await page.getByRole('button', { name: open }).click()
      await page.getByRole('dialog').waitFor()
      const violations = await violationsOn(page)
      found.push(...violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`))
      await page.keyboard.press('Escape')
      await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
    }
    expect(found).toEqual([])
  })

  test(`the first page takes at most ${maxHomeKilobytes} kB of JavaScript`, async () => {
    const scripts: Promise<Buffer>[] = []
    const page = await app().open('/', {
      isFresh: true,
      before: async (each) => {
        each.on('response', (response) => {
          if (response.url().endsWith('.js')) scripts.push(response.body())
        })
      },
    })
    await page.waitForLoadState('networkidle')
    const bytes = (await Promise.all(scripts)).reduce((sum, script) => sum + gzipSync(script).length, 0)
    process.stderr.write(
      `JavaScript of the first page: ${(bytes / 1000).toFixed(1)} kB gzip in ${scripts.length} files\n`,
    )
    expect(bytes).toBeLessThanOrEqual(maxHomeKilobytes * 1000)
    expect(bytes).toBeGreaterThan(50_000)
  })

  test('a key that is pressed before the app is there works once it is', async () => {
    const { promise: isPressed, resolve: press } = Promise.withResolvers<void>()
    const page = await app().open('/authors', {
      // The page's own part waits, and with it the frame.
      before: (each) =>
        each.route(/authors\.page.*\.js$/, async (route) => {
          await isPressed
          await route.continue()
        }),
      onLoad: async (each) => {
        await each.waitForLoadState('load')
        expect(await each.locator('#content').count()).toBe(0)
        await each.keyboard.press('Control+k')
        press()
      },
    })
    await page.getByRole('combobox', { name: 'Find a page, a piece, an author' }).waitFor()
  })

  test('Ctrl-K finds pages, pieces and authors by keyboard', async () => {
    const page = await app().open('/')
    await page.keyboard.press('Control+k')
    const box = page.getByRole('combobox', { name: 'Find a page, a piece, an author' })
    await box.fill('perf')
    await page.getByRole('option', { name: 'Performance' }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Performance' }).waitFor()
    await page.keyboard.press('Control+k')
    await box.fill('frigate')
    await page.getByRole('option', { name: /Fanad/ }).first().click()
    await page.getByRole('heading', { level: 1, name: /Fanad/ }).waitFor()
    await page.keyboard.press('Control+k')
    await box.fill('mallory')
    await page
      .getByRole('option', { name: /Mallory Markup/ })
      .last()
      .click()
    await page.getByRole('heading', { level: 1, name: 'Mallory Markup' }).waitFor()
  })

  test('? lists the keys, which can be switched off, for good', async () => {
    const page = await app().open('/authors')
    await page.getByRole('heading', { name: 'Authors' }).waitFor()
    await page.keyboard.press('?')
    await page.getByRole('dialog').getByLabel('Single-key shortcuts').uncheck()
    await page.keyboard.press('Escape')
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
    await page.reload()
    await page.getByRole('heading', { name: 'Authors' }).waitFor()
    await page.keyboard.press('?')
    await page.keyboard.press('/')
    expect(await page.getByRole('dialog').count()).toBe(0)
    expect(new URL(page.url()).pathname).toBe('/authors')
    await page.keyboard.press('Control+k')
    await page.getByRole('dialog').waitFor()
  })

  test('j, k and o walk through the results and open one', async () => {
    const page = await app().open('/?q=lighthouse')
    await page.locator('a.result-title').nth(2).waitFor()
    await page.evaluate(() => (document.activeElement as HTMLElement).blur())
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await page.keyboard.press('k')
    await page.keyboard.press('j')
    const title = await page.evaluate(() => document.activeElement?.textContent)
    expect(title).toBe(await page.locator('a.result-title').nth(1).textContent())
    await page.keyboard.press('o')
    await page.getByRole('heading', { level: 1, name: title ?? '' }).waitFor()
  })

  test('everything from the question to the marked passage works by keyboard alone', async () => {
    const page = await app().open('/')
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('question')
    await page.keyboard.type('When was the lighthouse of Fanad built?')
    await page.keyboard.press('Enter')
    await page
      .getByRole('link', { name: /^Receipt 1/ })
      .first()
      .waitFor()
    for (let presses = 0; presses < 12; presses++) {
      await page.keyboard.press('Tab')
      if (await page.evaluate(() => document.activeElement?.classList.contains('receipt'))) break
    }
    await page.locator('.preview blockquote').waitFor()
    await page.keyboard.press('Enter')
    await page.locator('mark').first().waitFor()
  })

  test('the first Tab stop skips to the content', async () => {
    const page = await app().open('/authors')
    await page.getByRole('heading', { name: 'Authors' }).waitFor()
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the content')
    await page.keyboard.press('Enter')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('content')
  })

  test('a screen reader finds landmarks, a named box, and an answer that is announced', async () => {
    const page = await app().open('/?q=When+was+the+lighthouse+of+Fanad+built%3F')
    await page.getByText('built in 1817').first().waitFor()
    const tree = await page.locator('body').ariaSnapshot()
    for (const part of [
      '- banner',
      '- navigation "Pages"',
      '- main',
      '- search',
      '- textbox "Your question"',
      '- region "Answer"',
      '- region "Found"',
      '- contentinfo',
    ]) {
      expect(tree).toContain(part)
    }
    expect(await page.locator('.answer > [aria-live=polite]').count()).toBe(1)
  })

  test('offline is said, what is loaded stays, and it goes on by itself', async () => {
    const page = await app().open('/authors', { mayComplain: true, isFresh: true })
    await page.getByRole('link', { name: 'Ana Writer' }).first().waitFor()
    await page.context().setOffline(true)
    await page.getByText('You are offline.').waitFor()
    expect(await page.getByRole('link', { name: 'Ana Writer' }).first().isVisible()).toBe(true)
    await page.context().setOffline(false)
    await expect.poll(() => page.getByText('You are offline.').count()).toBe(0)
    await page.getByLabel('Find an author').fill('mallory')
    await expect.poll(() => page.getByRole('link', { name: 'Ana Writer' }).count()).toBe(0)
  })

  test('colours and language are chosen and kept; German says it in German', async () => {
    const page = await app().open('/')
    await page.getByLabel('Colours').selectOption('dark')
    await page.getByLabel('Language').selectOption('de')
    await page.getByRole('button', { name: 'Fragen' }).waitFor()
    await page.reload()
    await page.getByRole('button', { name: 'Fragen' }).waitFor()
    expect(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dataset.theme])).toEqual([
      'de',
      'dark',
    ])
    const background = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
    expect(background).toBe('rgb(23, 22, 20)')
  })

  test('a browser in German gets German at once', async () => {
    const page = await app().open('/authors', { locale: 'de-AT' })
    await page.getByRole('heading', { level: 1, name: 'Autoren' }).waitFor()
  })

  test('whoever wants less motion gets none', async () => {
    const page = await app().open('/?q=lighthouse', { reducedMotion: 'reduce' })
    await page.locator('.result').first().waitFor()
    const moving = await page.evaluate(() => document.getAnimations().length)
    expect(moving).toBe(0)
  })

  test('an address that is nobody’s is told in words to a person, and as ever to a program', async () => {
    const page = await app().open('/somewhere/else')
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor()
    const html = { headers: { accept: 'text/html' } }
    for (const path of [
      '/api/nope',
      '/query/nope',
      '/trpc/nope',
      '/health/nope',
      '/docs/nope',
      '/metrics/x',
      '/mcp',
      '/scrape/x',
      '/analyze/x',
      '/assets/nope.js',
      '/nope.txt',
    ]) {
      const response = await fetch(app().url + path, html)
      expect([path, response.headers.get('content-type')]).toEqual([path, expect.stringContaining('application/json')])
      expect(response.status).toBeGreaterThanOrEqual(400)
    }
    expect((await fetch(`${app().url}/somewhere`)).status).toBe(404)
  })

  test('files have names for ever, the page is asked for each time, and nothing inline may run', async () => {
    const page = await fetch(`${app().url}/`)
    const html = await page.text()
    expect(page.headers.get('cache-control')).toBe('no-cache')
    expect(page.headers.get('content-security-policy')).not.toMatch(/unsafe|data:|\*/)
    const [, script = ''] = /<script type="module"[^>]* src="(\/assets\/[^"]+)"/.exec(html) ?? []
    expect(html).not.toMatch(/<script(?![^>]* src=)/)
    const file = await fetch(app().url + script)
    expect(file.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(file.headers.get('content-encoding')).toMatch(/br|gzip/)
    // A page's files are no requests of the rate limit.
    expect(file.headers.get('ratelimit')).toBeNull()
  })

  test('/docs/ leads to /docs, and there is an icon', async () => {
    const moved = await fetch(`${app().url}/docs/`, { redirect: 'manual' })
    expect([moved.status, moved.headers.get('location')]).toEqual([308, '/docs'])
    expect((await fetch(`${app().url}/favicon.ico`)).headers.get('content-type')).toBe('image/svg+xml')
  })
}

/** Everything that the page asked for is there, and for a moment nothing more is asked; `networkidle` waits half a second each time. */
async function isSettled(page: Page): Promise<void> {
  await page.locator('main h1, main [role=alert]').first().waitFor({ state: 'attached' })
  await page.waitForFunction(
    () =>
      new Promise<boolean>((resolve) => {
        let calm = 0
        const look = () => {
          if (document.querySelector('.fetching, .loading, [aria-busy=true]') !== null) return resolve(false)
          if (++calm > 6) return resolve(true)
          requestAnimationFrame(look)
        }
        look()
      }),
  )
}

/** Playwright's own world is not bound by the page's policy. */
async function violationsOn(page: Page, rules?: readonly string[]): Promise<AxeViolation[]> {
  const options = JSON.stringify(rules === undefined ? {} : { runOnly: rules })
  // What is still appearing has too little contrast for a moment.
  await page.evaluate(() => {
    const ending = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity)
    return Promise.allSettled(ending.map(({ finished }) => finished))
  })
  return page.evaluate(
    `(() => { ${axe.source}; return axe.run(document, ${options}).then(({ violations }) => violations) })()`,
  )
}
