import { parseArguments } from './arguments.ts'
import { BadCallError } from './bench-case.ts'
import { runSuites } from './run-suites.ts'

/**
 * `pnpm bench [NAME] [--quick]`: one suite, or all of them in turn. `pnpm bench report`: the pages from the last results.
 * `pnpm bench compare A B`: two result files or folders of them, or two commits. Exit status: 0 done, 1 something failed, 2 the call was wrong.
 */
const args = process.argv.slice(2)
try {
  process.exitCode = await run()
} catch (error) {
  if (!(error instanceof BadCallError)) throw error
  process.stderr.write(`bench: ${error.message}\n`)
  process.exitCode = 2
}

async function run(): Promise<number> {
  const { values, positionals } = parseArguments(args)
  const [command, ...others] = positionals
  if (command === 'report') {
    const { writeReport } = await import('./report/write-report.ts')
    await writeReport()
    return 0
  }
  if (command === 'compare') {
    const { compare } = await import('./compare/compare.ts')
    return compare(others, values)
  }
  if (others.length > 0) throw new BadCallError(`one suite at a time, not also ${others.join(' ')}`)
  return runSuites(command, args, values)
}
