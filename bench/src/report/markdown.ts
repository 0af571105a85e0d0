import { goalSections } from '../goals.ts'
import { beforeAfterRows, columns } from './before-after-table.ts'
import { figureOf, noteOn, runLines } from './format.ts'
import { type GoalRow, goalRows } from './goal-rows.ts'
import type { Results } from './load-results.ts'

const bold = (text: string) => `**${text}**`

/** `bench/REPORT.md`: every promised ratio and what was measured of it. */
export function markdownReport(results: Results): string {
  const rows = goalRows(results)
  const count = (verdict: GoalRow['verdict']) => rows.filter((row) => row.verdict === verdict).length
  const sections = goalSections.map((heading) => {
    const of = rows.filter(({ section }) => section === heading)
    const lines = of.map((row) => [row.what, row.goal, cell(row), noteOn(row), `\`${row.command}\``])
    return `## ${heading}\n\n${markdownTable(['', 'goal', 'measured', '', 'command'], lines)}`
  })
  return [
    '# What was measured',
    'Written by `pnpm bench report` from `bench/results`; do not edit. **Bold** falls short of its goal. Where several figures stand behind a row, the worst one counts. Intervals are 95 %.',
    `${rows.length} goals: ${count('met')} met, ${count('short')} short, ${count('not measured')} not measured.`,
    '![Before and after](report/before-after.svg)',
    `The other pictures are in [report/index.html](report/index.html); how it was measured: [README.md](README.md).`,
    ...sections,
    '## Runs',
    runLines(results)
      .map((line) => `- ${line}`)
      .join('\n') || 'None yet.',
  ]
    .join('\n\n')
    .concat('\n')
}

/** What stands in docs/measurements.md between its markers. */
export function markdownSummary(results: Results): string {
  const rows = goalRows(results)
  const short = rows.filter(({ verdict }) => verdict === 'short').length
  const open = rows.filter(({ verdict }) => verdict === 'not measured').length
  const met = rows.length - short - open
  return [
    markdownTable(columns, beforeAfterRows(results, bold)),
    '![Response times before and after, on a logarithmic axis](../bench/report/before-after.svg)',
    `Means of one caller, warm, by \`pnpm bench before-after\`${circumstancesOf(results)}; **bold** falls short of its goal. Of ${rows.length} goals, ${met} are met, ${short} fall short and ${open} are not measured: [bench/REPORT.md](../bench/REPORT.md).`,
  ].join('\n\n')
}

function circumstancesOf({ figures }: Results): string {
  const file = figures.find(({ suite }) => suite === 'before-after')?.file
  if (file === undefined) return ''
  return `${file.quick ? ' --quick' : ''}${file.busy ? ' on a machine that others kept busy' : ''} (${file.data.at(-1)})`
}

function cell(row: GoalRow): string {
  const figure = figureOf(row)
  return row.verdict === 'short' ? bold(figure) : figure
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
