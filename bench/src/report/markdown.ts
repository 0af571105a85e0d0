import { goalSections } from '../goals.ts'
import { beforeAfterRows, columns } from './before-after-table.ts'
import { figureOf, noteOn, runLines } from './format.ts'
import { type GoalRow, goalRows } from './goal-rows.ts'
import type { Results } from './load-results.ts'

const bold = (text: string) => `**${text}**`

/** `bench/REPORT.md`: every goal and its measured figure. */
export function markdownReport(results: Results): string {
  const rows = goalRows(results.figures)
  const { met, short, open } = countOf(rows)
  const sections = goalSections.map((heading) => {
    const of = rows.filter(({ section }) => section === heading)
    const cell = (row: GoalRow) => (row.verdict === 'short' ? bold(figureOf(row)) : figureOf(row))
    const lines = of.map((row) => [row.name, row.bound, cell(row), noteOn(row), `\`${row.command}\``])
    return `## ${heading}\n\n${markdownTable(['', 'goal', 'measured', '', 'command'], lines)}`
  })
  const runs = runLines(results).map((line) => `- ${line}`)
  return `${[
    '# What was measured',
    'Written by `pnpm bench report` from `bench/results`; do not edit. **Bold** falls short of its goal. Where several figures stand behind a row, the worst one counts. Intervals are 95 %.',
    `${rows.length} goals: ${met} met, ${short} short, ${open} not measured.`,
    '![Before and after](report/before-after.svg)',
    `The other pictures are in [report/index.html](report/index.html); how it was measured: [README.md](README.md).`,
    ...sections,
    '## Runs',
    runs.join('\n') || 'None yet.',
  ].join('\n\n')}\n`
}

/** The text between the markers of docs/measurements.md. */
export function markdownSummary({ figures }: Results): string {
  const rows = goalRows(figures)
  const { met, short, open } = countOf(rows)
  const file = figures.find(({ suite }) => suite === 'before-after')?.file
  const circumstances = file
    ? `${file.quick ? ' --quick' : ''}${file.busy ? ' on a machine that others kept busy' : ''} (${file.data.at(-1)})`
    : ''
  return [
    markdownTable(columns, beforeAfterRows(figures)),
    '![Response times before and after, on a logarithmic axis](../bench/report/before-after.svg)',
    `Means of one caller, warm, by \`pnpm bench before-after\`${circumstances}; **bold** falls short of its goal. Of ${rows.length} goals, ${met} are met, ${short} fall short and ${open} are not measured: [bench/REPORT.md](../bench/REPORT.md).`,
  ].join('\n\n')
}

function countOf(rows: readonly GoalRow[]): { met: number; short: number; open: number } {
  const count = (verdict: GoalRow['verdict']) => rows.filter((row) => row.verdict === verdict).length
  return { met: count('met'), short: count('short'), open: count('not measured') }
}

function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [header, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))
  const widths = header.map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const [first = [], ...others] = cells
  // Padded as the formatter would: a report leaves nothing for it to mend.
  return [line(first), line(widths.map((width) => '-'.repeat(width))), ...others.map(line)].join('\n')
}
