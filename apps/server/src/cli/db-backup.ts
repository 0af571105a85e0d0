import { rename, rm, stat } from 'node:fs/promises'
import { runPgTool } from './pg-tools.ts'
import { formatBytes } from './print-table.ts'
import { runCommand, UsageError } from './run-command.ts'

const usage = `usage: pnpm db:backup FILE [--pg-bin FOLDER]

Dumps the database of DATABASE_URL, as it is at one moment, into FILE, by pg_dump of PostgreSQL 17 or newer; --pg-bin names its
folder where it is not on the PATH. Servers may run meanwhile. FILE is there whole, or not at all. pnpm db:restore takes it.
`

const options = { 'pg-bin': { type: 'string' } } as const

await runCommand({ usage, options, allowPositionals: true }, async (values, positionals) => {
  const [file, ...more] = positionals
  if (file === undefined || more.length > 0) throw new UsageError('name one FILE')
  const unfinished = `${file}.unfinished`
  try {
    // The statistics of statements are the server's, not the data's; not every server lets us make their extension.
    const without = '--exclude-extension=pg_stat_statements'
    await runPgTool('pg_dump', ['--format=custom', without, '--file', unfinished], values['pg-bin'])
    await rename(unfinished, file)
  } finally {
    await rm(unfinished, { force: true })
  }
  process.stdout.write(`${file}: ${formatBytes((await stat(file)).size)}\n`)
  return 0
})
