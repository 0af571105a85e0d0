import { beforeAfterRows, columns } from './before-after-table.ts'
import { figureOf, noteOn, runLines } from './format.ts'
import { goalRows } from './goal-rows.ts'
import type { Results } from './load-results.ts'
import type { Picture } from './plots/plot.ts'

export interface Section {
  readonly title: string
  /** None: it was not measured. */
  readonly pictures: readonly Picture[]
  readonly command: string
}

/** `bench/report/index.html`: one file, no script, nothing loaded from anywhere. */
export function htmlPage(results: Results, sections: readonly Section[], css: string): string {
  const strong = (text: string) => `<strong>${text}</strong>`
  const goalLines = goalRows(results).map((row) => {
    const figure = escapeHtml(figureOf(row))
    return [
      escapeHtml(row.what),
      escapeHtml(row.goal),
      row.verdict === 'short' ? strong(figure) : figure,
      escapeHtml(noteOn(row)),
    ]
  })
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>Extropy: what was measured</title>
<style>
${css}</style>
</head>
<body>
<h1>What was measured</h1>
<p>Written by <code>pnpm bench report</code>. <strong>Bold</strong> falls short of its goal. Read ratios, not absolutes:
what stands in one picture was measured in turn, in one run.</p>
<h2>Before and after</h2>
${table(
  columns,
  beforeAfterRows(results, strong).map((row) => row.map((cell) => escapeHtml(cell, true))),
)}
${sections.map(sectionHtml).join('\n')}
<h2>Every goal</h2>
${table(['', 'goal', 'measured', ''], goalLines)}
<h2>Runs</h2>
<ul class="muted">${runLines(results)
    .map((line) => `<li>${escapeHtml(line)}</li>`)
    .join('')}</ul>
</body>
</html>
`
}

function sectionHtml({ title, pictures, command }: Section): string {
  const body =
    pictures.length === 0
      ? `<p class="muted">Not measured: <code>${escapeHtml(command)}</code></p>`
      : pictures.map(pictureHtml).join('\n')
  return `<section>\n<h2>${escapeHtml(title)}</h2>\n${body}\n</section>`
}

function pictureHtml({ title, legend, wide, narrow }: Picture): string {
  const entries = legend
    .map(({ label, color }) => `<li><span style="background:${color}"></span>${escapeHtml(label)}</li>`)
    .join('')
  return `<figure>
<figcaption>${escapeHtml(title)}</figcaption>
${entries === '' ? '' : `<ul class="legend">${entries}</ul>`}
<div class="wide">${wide}</div>
<div class="narrow">${narrow}</div>
</figure>`
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = header.map((cell) => `<th scope="col">${cell}</th>`).join('')
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('\n')
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table></div>`
}

/** `keepStrong`: the cell's own emphasis stays. */
function escapeHtml(text: string, keepStrong = false): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return keepStrong ? escaped.replace(/&lt;(\/?strong)&gt;/g, '<$1>') : escaped
}
