import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { loadResults, type Results } from './load-results.ts'
import { markdownReport, markdownSummary } from './markdown.ts'
import { htmlPage, type Section } from './page.ts'
import { beforeAfter, distributions } from './plots/before-after.ts'
import { growth } from './plots/growth.ts'
import { hitRate } from './plots/hit-rate.ts'
import { indexes } from './plots/indexes.ts'
import { peers } from './plots/peers.ts'
import { retrieval } from './plots/retrieval.ts'

const root = new URL('../../../', import.meta.url)
const [begin, end] = ['<!-- bench:begin -->', '<!-- bench:end -->']

/** Writes bench/REPORT.md, bench/report/index.html, the README's picture, and the table of docs/measurements.md between its markers. */
export async function writeReport(): Promise<void> {
  const results = await loadResults()
  const css = async (name: string) => readFile(new URL(name, import.meta.url), 'utf8')
  const palette = await css('palette.css')
  const sections = sectionsOf(results)
  await write('bench/report/index.html', htmlPage(results, sections, `${palette}${await css('page.css')}`))
  await write('bench/report/before-after.svg', mainPicture(results, palette))
  await write('bench/REPORT.md', markdownReport(results))
  const page = new URL('docs/measurements.md', root)
  await writeFile(page, withSummary(await readFile(page, 'utf8'), markdownSummary(results)))
  process.stdout.write(`docs/measurements.md: its table\n`)
}

export function sectionsOf(results: Results): Section[] {
  return [
    { title: 'Response times', pictures: beforeAfter(results), command: 'pnpm bench before-after' },
    { title: 'Latency distributions', pictures: distributions(results), command: 'pnpm bench before-after' },
    { title: 'Against peers and limits', pictures: peers(results), command: 'pnpm bench' },
    { title: 'Growth', pictures: growth(results), command: 'pnpm bench growth' },
    { title: 'Hit rate', pictures: hitRate(results), command: 'pnpm bench http' },
    { title: 'Indexes', pictures: indexes(results), command: 'pnpm bench db' },
    { title: 'Search', pictures: retrieval(results), command: 'pnpm bench retrieval --collection DIR' },
  ]
}

/** As a file of its own it brings its colours along. */
function mainPicture(results: Results, palette: string): string {
  const [drawn] = beforeAfter(results)
  const empty =
    '<svg viewBox="0 0 340 40" width="340" height="40"><text x="8" y="24" fill="currentColor">not measured</text></svg>'
  return `${(drawn?.wide ?? empty).replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ').replace('>', `><style>${palette}svg{background:var(--bg)}</style>`)}\n`
}

/** @throws where the markers are missing: a table must not be lost in silence. */
export function withSummary(page: string, summary: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from === -1 || to < from) throw new Error(`docs/measurements.md has no ${begin} … ${end}`)
  return `${page.slice(0, from + begin.length)}\n\n${summary}\n\n${page.slice(to)}`
}

async function write(path: string, text: string): Promise<void> {
  const file = new URL(path, root)
  await mkdir(new URL('.', file), { recursive: true })
  await writeFile(file, text)
  process.stdout.write(`${fileURLToPath(file)}\n`)
}
