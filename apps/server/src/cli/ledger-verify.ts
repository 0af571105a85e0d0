import { verifyLedger } from '@extropy/api'
import { runCommand } from './run-command.ts'
import { withDatabase } from './with-database.ts'

const usage = `usage: pnpm ledger:verify

Replays the ledger of DATABASE_URL. The exit status is 0 where it is sound; 1 where it is not, with a line for each problem.
`

await runCommand({ usage }, () =>
  withDatabase(async (database) => {
    const startedAt = performance.now()
    const report = await verifyLedger(database.db, (rows) => {
      if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${rows} hashes checked`)
    })
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
    const { movements, accounts, minted, balances, problems } = report
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    for (const problem of problems) process.stdout.write(`WRONG: ${problem}\n`)
    process.stdout.write(
      `${movements} movements, ${accounts} accounts: minted ${minted}, burned 0.00000000, balances ${balances}; ${problems.length} problems, ${seconds} s\n`,
    )
    return problems.length === 0 ? 0 : 1
  }),
)
