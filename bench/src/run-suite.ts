import { parseArguments } from './arguments.ts'
import { BadCallError } from './bench-case.ts'
import { circumstances, isBusy, measureBusyShare } from './circumstances.ts'
import { machine } from './machine.ts'
import { assertPortIsFree, portOf } from './port.ts'
import { saveResults } from './results.ts'
import { stopOnSignal } from './stop.ts'
import { loadSuite } from './suites.ts'

/** Started by `run-suites.ts`, with the command line that it got: runs one suite and writes its results. */
stopOnSignal()
const { values, positionals } = parseArguments(process.argv.slice(2))
const [suite = ''] = positionals
const quick = values.quick === true
const busyShare = await measureBusyShare()
const atStart = await circumstances(busyShare)
const startedAt = new Date()
try {
  const bench = await loadSuite(suite)
  process.stdout.write(`\n## ${suite}: ${bench.title}\n${machine()}\n`)
  if (isBusy(busyShare)) {
    process.stdout.write(`BUSY before the run: ${Math.round(busyShare * 100)} % of the cores were in use.\n`)
  }
  await assertPortIsFree(portOf(values.port))
  await bench.run({ quick, options: values })
  await saveResults({ suite, part: partName(), quick, startedAt, circumstances: atStart })
  process.exit(0)
} catch (error) {
  if (error instanceof BadCallError || isPortTaken(error)) {
    process.stderr.write(`bench: ${(error as Error).message.trim()}\n`)
    process.exit(2)
  }
  process.stderr.write(`bench: ${suite} failed: ${error instanceof Error ? error.stack : error}\n`)
  process.exit(1)
}

/** A retrieval run's part is the collection it was asked for. */
function partName(): string | undefined {
  const { part, collection } = values
  if (typeof part === 'string') return part
  return suite === 'retrieval' && typeof collection === 'string'
    ? collection.replace(/\/+$/, '').split('/').at(-1)
    : undefined
}

function isPortTaken(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
}
