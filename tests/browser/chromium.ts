import { existsSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

const executablePath = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]
  .filter((path) => path !== undefined)
  .find((path) => existsSync(path))

/** False, with a line that `what` is not tested, where there is no browser. */
export function hasChromium(what: string): boolean {
  if (executablePath !== undefined) return true
  process.stderr.write(`Not run: ${what} in a browser (no Chromium here: install one, or set CHROMIUM_PATH).\n`)
  return false
}

export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: executablePath as string, args: ['--no-sandbox'] })
}

export interface WatchedPage {
  readonly page: Page
  /** Everything that the page wrote to its console or threw. */
  readonly complaints: readonly string[]
  /** URLs that the page asked for, without those inside the page itself. */
  readonly requests: readonly string[]
}

export async function openPage(browser: Browser, url: string, options?: BrowserContextOptions): Promise<WatchedPage> {
  const page = await browser.newPage(options)
  const complaints: string[] = []
  const requests: string[] = []
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('request', (request) => {
    if (!request.url().startsWith('data:')) requests.push(request.url())
  })
  await page.goto(url)
  return { page, complaints, requests }
}
