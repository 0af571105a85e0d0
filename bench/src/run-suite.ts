import { parseArguments } from './arguments.ts'
import { BadCallError } from './bench-case.ts'
import { circumstances } from './circumstances.ts'
import { figureOf, noteOn } from './report/format.ts'
import { goalRows } from './report/goal-rows.ts'
import { recorded, saveResults, skip } from './results.ts'
import { stopOnSignal } from './stop.ts'
import { loadSuite } from './suites.ts'
import { table } from './table.ts'

/** Started by `run-suites.ts`, with the command line that it got: runs one suite and writes its results. */
stopOnSignal()
const { values, positionals } = parseArguments(process.argv.slice(2))
const { quick, part, collection } = values
const [suite = ''] = positionals
const atStart = await circumstances()
const startedAt = new Date().toISOString()
try {
  const { title, run, parts = [], leftOutOfQuick = [] } = await loadSuite(suite)
  const { machine, versions, busy, busyShare } = atStart
  process.stdout.write(
    `\n## ${suite}: ${title}\nnode ${versions.node}, ${machine.cores} cores (${machine.cpu}), ${machine.memoryGiB} GiB\n`,
  )
  if (busy) process.stdout.write(`BUSY before the run: ${Math.round(busyShare * 100)} % of the cores were in use.\n`)
  const leftOut = quick && part === undefined ? leftOutOfQuick : []
  for (const name of leftOut) skip(name, `in a quick run; --part ${name} names it`)
  const wanted = part === undefined ? parts.filter((name) => !leftOut.includes(name)) : [part]
  await run({ ...values, wants: (name) => wanted.includes(name) })
  process.stdout.write(goalsTable())
  // A retrieval run's part is the collection it was asked for.
  const named = part ?? (suite === 'retrieval' ? collection?.replace(/\/+$/, '').split('/').at(-1) : undefined)
  await saveResults({ suite, ...(named === undefined ? {} : { part: named }), quick, startedAt, ...atStart })
  process.exit(0)
} catch (error) {
  if (error instanceof BadCallError) {
    process.stderr.write(`bench: ${error.message.trim()}\n`)
    process.exit(2)
  }
  process.stderr.write(`bench: ${suite} failed: ${error instanceof Error ? error.stack : error}\n`)
  process.exit(1)
}

/** The goals that this run has measured. */
function goalsTable(): string {
  const rows = goalRows(recorded).filter(({ verdict }) => verdict !== 'not measured')
  if (rows.length === 0) return ''
  const cells = rows.map((row) => [
    row.name,
    row.bound,
    figureOf(row),
    row.verdict === 'met' ? 'met' : 'SHORT',
    noteOn(row),
  ])
  return `\n### Goals\n${table(['', 'goal', 'measured', '', ''], cells)}`
}
