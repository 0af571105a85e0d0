import { parseArguments } from './arguments.ts'
import { BadCallError } from './bench-case.ts'
import { runSuites } from './run-suites.ts'

const usage = `usage: pnpm bench [NAME] [--quick] [--part PART]
       pnpm bench report
       pnpm bench compare A B

Measures: one suite, or all of them in turn. report writes the pages from the last results; compare takes two result files
or folders of them, or two commits. The exit status is 1 where something failed.
`

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
  if (values.help) {
    process.stdout.write(usage)
    return 0
  }
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
