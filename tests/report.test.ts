import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { goals } from '../bench/src/goals.ts'
import { runLines } from '../bench/src/report/format.ts'
import { goalRows, reaches } from '../bench/src/report/goal-rows.ts'
import { loadResults } from '../bench/src/report/load-results.ts'
import { markdownReport, markdownSummary } from '../bench/src/report/markdown.ts'
import { htmlPage } from '../bench/src/report/page.ts'
import { sectionsOf } from '../bench/src/report/sections.ts'
import { withSummary } from '../bench/src/report/write-report.ts'
import { hasChromium, launchChromium, openPage } from './browser/chromium.ts'
import { madeUp } from './report/made-up-results.ts'

const nothing = { files: [], figures: [] }
test('a goal is reached on its bound, but not where the bound itself is excluded', () => {
  for (const [goal, number, isReached] of [
    ['≥ 0.8', 0.8, true],
    ['≥ 0.8', 0.79, false],
    ['≤ 2', 2, true],
    ['≤ 2', 2.01, false],
    ['< 5', 5, false],
    ['> 0', 0, false],
    ['= 1', 1, true],
    ['= 1', 2, false],
    ['≥ -0.005', -0.004, true],
    ['0.85–1.15', 0.84, false],
    ['0.85–1.15', 1.15, true],
  ] as const) {
    expect([goal, number, reaches(goal, number)]).toEqual([goal, number, isReached])
  }
})

test('every goal has its row, in bold where it falls short, as not measured where it is missing', () => {
  const rows = goalRows(madeUp.figures)
  expect(rows).toHaveLength(goals.length)
  const report = unpadded(markdownReport(madeUp))
  expect(report).toContain('| a hit / lru-cache.get | ≤ 2 | **3** |')
  expect(report).toContain('| a hit: the best peer / ours | ≥ 5 | 20 |')
  expect(report).toContain('| card list, REST / bare Fastify | ≥ 0.55 | not measured |')
  expect(report).toMatch(/p50 at 1 M cards.*short: .*with a tag/)
  expect(report.match(/^\| .* \| `pnpm bench/gm)).toHaveLength(goals.length)
})

test('a report without any result is written, and nothing in it is measured', () => {
  expect(goalRows(nothing.figures).every(({ verdict }) => verdict === 'not measured')).toBe(true)
  expect(markdownReport(nothing)).toContain(`${goals.length} not measured`)
  expect(htmlPage(sectionsOf(nothing.figures), '')).not.toContain('<svg')
  expect(unpadded(markdownSummary(nothing))).toContain('| GET /health | not measured |')
})

test('the committed report is what `pnpm bench report` writes from the committed results', async () => {
  const results = await loadResults()
  const read = (path: string) => readFile(new URL(`../${path}`, import.meta.url), 'utf8')
  const advice = 'bench/results or the report has changed: run `pnpm bench report`'
  expect(await read('bench/REPORT.md'), advice).toBe(markdownReport(results))
  const page = await read('docs/measurements.md')
  expect(page, advice).toBe(withSummary(page, markdownSummary(results)))
})

test("a run names the server's version, which is not that of the package postgres", () => {
  const [file] = madeUp.files
  if (file === undefined) throw new Error('the made-up results have no file')
  const versions = { node: 'v26.10.0', postgres: '3.4.9' }
  expect(runLines({ files: [{ ...file, versions }], figures: [] })[0]).not.toContain('PostgreSQL')
  const withServer = { ...file, versions: { ...versions, PostgreSQL: '17.12' } }
  expect(runLines({ files: [withServer], figures: [] })[0]).toContain('node v26.10.0, PostgreSQL 17.12;')
})

test('the table goes between the markers of docs/measurements.md, and is not lost where they are missing', () => {
  const page = 'a\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nb'
  expect(withSummary(page, 'new')).toBe('a\n<!-- bench:begin -->\n\nnew\n\n<!-- bench:end -->\nb')
  expect(() => withSummary('a', 'new')).toThrow('bench:begin')
})

describe.skipIf(!hasChromium('the report'))('in a browser', () => {
  let folder: string
  let browser: Browser
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'extropy-report-'))
    const styles = ['palette.css', 'page.css'].map((name) =>
      readFile(new URL(`../bench/src/report/${name}`, import.meta.url), 'utf8'),
    )
    const css = (await Promise.all(styles)).join('')
    await writeFile(join(folder, 'index.html'), htmlPage(sectionsOf(madeUp.figures), css))
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser?.close()
    await rm(folder, { recursive: true })
  })

  const open = (width: number, colorScheme: 'light' | 'dark') =>
    openPage(browser, `file://${join(folder, 'index.html')}`, { viewport: { width, height: 800 }, colorScheme })

  test.each([
    [375, 'dark'],
    [1280, 'light'],
  ] as const)(
    'at %i px, %s: every plot has marks, axes with units and a title; nothing is loaded or complained about',
    async (width, scheme) => {
      const { page, complaints, requests } = await open(width, scheme)
      const plots = await page.$$eval('svg', (all) =>
        (all as unknown as SvgLike[])
          .filter((svg) => svg.getBoundingClientRect().width > 0)
          .map((svg) => ({
            title: svg.querySelector('title')?.textContent ?? '',
            label: svg.querySelector('[aria-label="x-axis label"]')?.textContent ?? '',
            ticks: svg.querySelectorAll('[aria-label="x-axis tick label"] text').length,
            marks: [
              ...svg.querySelectorAll('[aria-label=dot] circle, [aria-label=bar] rect, [aria-label=line] path'),
            ].filter((mark) => Math.max(mark.getBoundingClientRect().width, mark.getBoundingClientRect().height) > 1)
              .length,
            width: svg.getBoundingClientRect().right,
          })),
      )
      expect(plots).toHaveLength(6)
      for (const plot of plots) {
        expect(plot.title).not.toBe('')
        expect(plot.label).toMatch(/ms|ns|\/s|cards|nDCG/)
        expect(plot.ticks).toBeGreaterThan(1)
        expect(plot.marks).toBeGreaterThan(0)
        expect(plot.width).toBeLessThanOrEqual(width)
      }
      expect(complaints).toEqual([])
      expect(requests).toEqual([`file://${join(folder, 'index.html')}`])
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
      await page.close()
    },
  )

  test('light and dark have backgrounds of their own, and text that stands out from them', async () => {
    const shades: number[] = []
    for (const scheme of ['light', 'dark'] as const) {
      const { page } = await open(800, scheme)
      const [background = 0, text = 0] = (await page.evaluate(`
        ['backgroundColor', 'color'].map((of) => {
          const [r, g, b] = getComputedStyle(document.body)[of].match(/\\d+/g).map(Number)
          return 0.3 * r + 0.6 * g + 0.1 * b
        })`)) as number[]
      expect(Math.abs(background - text)).toBeGreaterThan(150)
      const fills = (await page.$$eval('[aria-label=dot] circle', (dots) =>
        dots.map(
          (dot) =>
            (globalThis as unknown as { getComputedStyle(e: unknown): { fill: string } }).getComputedStyle(dot).fill,
        ),
      )) as string[]
      expect(fills.every((fill) => fill.startsWith('rgb'))).toBe(true)
      shades.push(background)
      await page.close()
    }
    expect(shades[0]).toBeGreaterThan(200)
    expect(shades[1]).toBeLessThan(60)
  })
})

/** A table's cells without the padding. */
function unpadded(markdown: string): string {
  return markdown.replace(/ +/g, ' ')
}

/** An element of the page, as far as the test needs it; the compiler's library has no DOM here. */
interface SvgLike {
  readonly textContent: string
  getBoundingClientRect(): { width: number; height: number; right: number }
  querySelector(selector: string): SvgLike | null
  querySelectorAll(selector: string): Iterable<SvgLike> & { readonly length: number }
}
