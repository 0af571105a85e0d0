import type { Page } from 'playwright-core'
import { type App, startApp } from './app-under-test.ts'

/**
 * The web app's speed, as figures to look at: `pnpm web:measure`. No test, since they are those of the machine and of what else runs on it.
 * Each is the median of so many rounds, each in a browser context of its own, with nothing kept.
 */
const rounds = 3
const slowDown = 4

const app = await startApp()
try {
  for (const measure of [longListScrolls, graphIsDrawn, typingIsAnswered, largestPaints]) {
    process.stdout.write(`${await measure(app)}\n`)
  }
} finally {
  await app.close()
}

async function largestPaints(it: App): Promise<string> {
  const { items: contents } = await it.client().contents.list.query({ limit: 1 })
  const { items: authors } = await it.client().authors.list.query({ search: 'Ana' })
  const paths = [
    ...['/', '/?q=When+was+the+lighthouse+of+Fanad+built%3F', `/read/${contents[0]?.id}`],
    ...['/authors', `/authors/${authors[0]?.id}`, '/cards', '/cards/new', '/sources', '/jobs'],
    ...['/research', '/research/new', '/tokens', '/keys', '/performance'],
  ]
  const lines: string[] = []
  for (const path of paths) {
    const times = await repeat(it, path, async (page) => {
      await page.waitForLoadState('networkidle', { timeout: 5000 }).catch(() => {})
      return page.evaluate(
        () =>
          new Promise<number>((resolve) => {
            new PerformanceObserver((list) => resolve(list.getEntries().at(-1)?.startTime ?? 0)).observe({
              type: 'largest-contentful-paint',
              buffered: true,
            })
          }),
      )
    })
    lines.push(`largest paint, processor ${slowDown} times slower, ${path.slice(0, 20)}: ${inWords(times)}`)
  }
  return lines.join('\n')
}

/** Frames while ten thousand sources run past, a screen every third frame. */
async function longListScrolls(it: App): Promise<string> {
  const count = 10_000
  const page = await it.open('/sources', {
    key: it.keys.ada,
    before: (each) =>
      each.route('**/trpc/sources.list**', (route) =>
        route.fulfill({ json: { result: { data: { items: sources(count), nextCursor: null } } } }),
      ),
  })
  await page
    .locator('.source-list > li')
    .nth(count - 1)
    .waitFor({ state: 'attached', timeout: 60_000 })
  await page.waitForTimeout(2000)
  const frames = await page.evaluate(async () => {
    const taken: number[] = []
    let before = performance.now()
    for (let frame = 0; frame < 240; frame++) {
      await new Promise(requestAnimationFrame)
      const now = performance.now()
      taken.push(now - before)
      before = now
      if (frame % 3 === 0) scrollBy(0, innerHeight)
    }
    return taken.slice(10)
  })
  await it.closePages()
  const slow = frames.filter((ms) => ms > 50).length
  return `${count} rows scrolled, ${frames.length} frames: median ${median(frames).toFixed(0)} ms, longest ${Math.max(...frames).toFixed(0)} ms, ${slow} over 50 ms`
}

/** From the answer's last byte to the frame that has the drawing. */
async function graphIsDrawn(it: App): Promise<string> {
  const { items } = await it.client().cards.list.query({ limit: 1 })
  const card = items[0] ?? (await publish(it))
  const times = await repeat(
    it,
    `/cards/${card.id}?depth=3`,
    (page) => page.evaluate(() => (window as unknown as { drawn: Promise<number> }).drawn),
    async (page) => {
      await page.route('**/trpc/attributions.graph**', async (route) => {
        await route.fulfill({ json: { result: { data: graph(card.id, 150) } } })
      })
      await page.addInitScript(() => {
        Object.assign(window, {
          drawn: new Promise<number>((resolve) => {
            new MutationObserver((_changes, observer) => {
              if (document.querySelectorAll('.graph a.node').length < 150) return
              observer.disconnect()
              requestAnimationFrame(() =>
                setTimeout(() => {
                  const answer = performance.getEntriesByType('resource').find(({ name }) => name.includes('.graph'))
                  resolve(performance.now() - ((answer as PerformanceResourceTiming | undefined)?.responseEnd ?? 0))
                }),
              )
            }).observe(document, { childList: true, subtree: true })
          }),
        })
      })
    },
    1,
  )
  return `graph of 150 cards, from its data to the frame: ${inWords(times)}`
}

/** From the last letter to the frame with its results; each word is searched for the first time. */
async function typingIsAnswered(it: App): Promise<string> {
  const page = await it.open('/')
  const times: number[] = []
  for (const word of ['frigate', 'lamp', 'stairs', 'county', 'weather', 'boats']) {
    await page.getByLabel('Your question').fill('')
    await page.getByLabel('Your question').pressSequentially(word.slice(0, -1), { delay: 120 })
    await page.waitForTimeout(400)
    await page.evaluate(() => {
      const found = document.querySelector('.found')
      const shown = new Promise<number>((resolve) => {
        addEventListener(
          'input',
          () => {
            const typed = performance.now()
            new MutationObserver((_changes, observer) => {
              observer.disconnect()
              requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - typed)))
            }).observe(found ?? document.body, {
              childList: true,
              subtree: true,
              characterData: true,
              attributes: true,
            })
          },
          { once: true },
        )
      })
      Object.assign(window, { shown })
    })
    await page.keyboard.press(word.slice(-1))
    times.push(await page.evaluate(() => (window as unknown as { shown: Promise<number> }).shown))
  }
  await it.closePages()
  return `typing, from the last letter to its results: ${inWords(times)}`
}

async function repeat(
  it: App,
  path: string,
  measure: (page: Page) => Promise<number>,
  before: (page: Page) => Promise<unknown> = async () => {},
  slower = slowDown,
): Promise<number[]> {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const page = await it.open(path, {
      key: it.keys.ada,
      isFresh: true,
      before: async (each) => {
        const session = await each.context().newCDPSession(each)
        await session.send('Emulation.setCPUThrottlingRate', { rate: slower })
        await before(each)
      },
    })
    times.push(await measure(page))
    await it.closePages()
  }
  return times
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

function inWords(times: readonly number[]): string {
  return `median ${median(times).toFixed(0)} ms (${times.map((ms) => ms.toFixed(0)).join(', ')})`
}

function idOf(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
}

async function publish(it: App): Promise<{ id: string }> {
  const { published } = await it
    .client(it.keys.ada)
    .cards.publish.mutate({ cards: [{ title: 'Hub', body: 'Words.', privacyLevel: 'IDEAS', tags: [] }] })
  return published[0] ?? { id: '' }
}

function sources(count: number) {
  return Array.from({ length: count }, (_, n) => ({
    id: idOf(n),
    platform: 'rss',
    kind: 'feed',
    target: `https://example.org/${n}`,
    url: `https://example.org/${n}`,
    label: `example.org/${n}`,
    title: `The journal number ${n}`,
    siteUrl: null,
    feedUrl: null,
    status: 'active',
    limit: 20,
    intervalSeconds: null,
    folders: [],
    addedBy: null,
    failures: 0,
    lastOutcome: 'ok',
    lastMessage: null,
    lastFetchedAt: '2026-01-01T00:00:00Z',
    lastOkAt: null,
    lastNewAt: null,
    nextAt: '2026-01-02T00:00:00Z',
    nextReason: 'its rhythm',
    createdAt: '2026-01-01T00:00:00Z',
  }))
}

/** A card, some dozen that build on it, and those that build on these. */
function graph(centre: string, count: number) {
  const cardId = (n: number) => (n === 0 ? centre : idOf(n))
  const nodes = Array.from({ length: count }, (_, n) => ({
    cardId: cardId(n),
    title: `Card number ${n}`,
    userId: idOf(1),
    username: 'ada',
    displayName: 'Ada',
    depth: n === 0 ? 0 : n < 13 ? 1 : n < 60 ? 2 : 3,
    cites: n === 0 ? [] : [{ cardId: cardId(n < 13 ? 0 : Math.floor(n / 5)), type: 'citation' }],
  }))
  return { cardId: centre, depth: 3, nodes, truncated: false }
}
