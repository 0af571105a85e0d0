import { access } from 'node:fs/promises'
import { assertNoTables, migrate, protectHistory } from '@extropy/db'
import { runPgTool } from './pg-tools.ts'
import { runCommand, UsageError } from './run-command.ts'
import { withDatabase } from './with-database.ts'

const usage = `usage: pnpm db:restore FILE [--pg-bin FOLDER]

Fills the empty database of DATABASE_URL from a FILE of pnpm db:backup, by pg_restore, and brings it up to date. All of it is
restored, or nothing. --pg-bin names the folder of pg_restore where it is not on the PATH.
`

const options = { 'pg-bin': { type: 'string' } } as const

await runCommand({ usage, options, allowPositionals: true }, async (values, positionals) => {
  const [file, ...more] = positionals
  if (file === undefined || more.length > 0) throw new UsageError('name one FILE')
  await access(file)
  await withDatabase(({ db }) => assertNoTables(db), { direct: true })
  // The old server's roles may not exist here; a comment on an extension is for its owner to make.
  const without = ['--no-owner', '--no-privileges', '--no-comments']
  await runPgTool('pg_restore', ['--single-transaction', ...without, file], values['pg-bin'])
  await withDatabase(
    async (database) => {
      await protectHistory(database.db)
      await migrate(database)
    },
    { direct: true },
  )
  process.stdout.write('Restored. pnpm ledger:verify replays every token in it.\n')
  return 0
})
