import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { loadResults, type Results } from './load-results.ts'
import { markdownReport, markdownSummary } from './markdown.ts'
import { htmlPage } from './page.ts'
import { beforeAfter, sectionsOf } from './sections.ts'

const root = new URL('../../../', import.meta.url)
const [begin, end] = ['<!-- bench:begin -->', '<!-- bench:end -->']

/** Writes bench/REPORT.md, bench/report/index.html, the README's picture, and the table of docs/measurements.md between its markers. */
export async function writeReport(): Promise<void> {
  const results = await loadResults()
  const css = async (name: string) => readFile(new URL(name, import.meta.url), 'utf8')
  const palette = await css('palette.css')
  const sections = sectionsOf(results.figures)
  await write('bench/report/index.html', htmlPage(sections, `${palette}${await css('page.css')}`))
  await write('bench/report/before-after.svg', mainPicture(results, palette))
  await write('bench/REPORT.md', markdownReport(results))
  const page = new URL('docs/measurements.md', root)
  await writeFile(page, withSummary(await readFile(page, 'utf8'), markdownSummary(results)))
  process.stdout.write(`docs/measurements.md: its table\n`)
}

/** As a file of its own it brings its colours along. */
function mainPicture(results: Results, palette: string): string {
  const [drawn] = beforeAfter(results.figures)
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
