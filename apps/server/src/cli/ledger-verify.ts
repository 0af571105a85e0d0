import { verifyLedger } from '@extropy/api'
import { createDatabase } from '@extropy/db'
import { parseConfig } from '../config.ts'
import { databaseOptions } from '../database-options.ts'
import { runCommand } from './run-command.ts'

/**
 * `pnpm ledger:verify`: replays the ledger of DATABASE_URL. Exit status 0: it is sound, 1: it is not, and how.
 */
await runCommand(async () => {
  const database = await createDatabase(databaseOptions(parseConfig(process.env)))
  try {
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
  } finally {
    await database.close()
  }
})
