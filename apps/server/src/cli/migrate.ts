import { planReread, type RereadStep, rereadTexts } from '@extropy/api'
import {
  type DatabaseHandle,
  type MigrateStep,
  migrate,
  migrateDown,
  migrationsOfNewer,
  planMigration,
} from '@extropy/db'
import { runCommand, UsageError } from './run-command.ts'
import { withDatabase } from './with-database.ts'

const usage = `usage: pnpm db:migrate [--dry-run] [--to MIGRATION] [--json]
       pnpm db:migrate down [--json]

Brings the database of DATABASE_URL up to date: migrations, months of partitioned tables, indexes (concurrently on a
server), statistics; then reads stored texts anew where the rules for words have changed. --dry-run only lists the
steps; --to stops after a migration, and leaves the rest as it is; down undoes the last migration, and drops what it
created with all data in it. --json prints one object per step.
`

const options = {
  'dry-run': { type: 'boolean' },
  to: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

await runCommand({ usage, options, allowPositionals: true }, async (values, positionals) => {
  const [action] = positionals
  const isWrong = positionals.length > 1 || (action !== undefined && action !== 'down')
  if (isWrong || (action === 'down' && (values['dry-run'] || values.to !== undefined))) {
    throw new UsageError('the only action is down, and it takes neither --dry-run nor --to')
  }
  const report = createReport(values.json)
  const to = values.to === undefined ? {} : { to: values.to }
  const work = async (database: DatabaseHandle) => {
    if (action === 'down') await migrateDown(database, { onStep: report.step })
    else if (values['dry-run']) {
      const reread = values.to === undefined ? await planReread(database.db) : []
      for (const step of [...(await planMigration(database, to)), ...reread]) report.plan(step)
    } else {
      await migrate(database, { ...to, onStep: report.step, onProgress: report.progress })
      if (values.to === undefined) await rereadTexts(database.db, { onStep: report.step })
      report.newer(await migrationsOfNewer(database))
    }
  }
  await withDatabase(work, { direct: true })
  report.finish()
  return 0
})

/** Prints steps on stdout, a line each, and the progress of a long one on stderr, if that is a terminal. */
function createReport(json: boolean) {
  let steps = 0
  const print = (step: Partial<MigrateStep | RereadStep>, line: string) => {
    steps++
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
    process.stdout.write(`${json ? JSON.stringify(step) : line}\n`)
  }
  return {
    step: (step: MigrateStep | RereadStep) =>
      print(step, `${step.kind}: ${step.name} (${step.durationMs.toFixed(0)} ms)`),
    plan: (step: Omit<MigrateStep | RereadStep, 'durationMs'>) => print(step, `would do: ${step.kind}: ${step.name}`),
    progress({ index, phase, share }: { index: string; phase: string; share: number | null }) {
      if (!process.stderr.isTTY) return
      process.stderr.write(`\r\x1b[K${index}: ${phase}${share === null ? '' : ` ${Math.floor(share * 100)} %`}`)
    },
    newer(migrations: readonly string[]) {
      if (migrations.length === 0) return
      const names = migrations.join(', ')
      process.stderr.write(`A newer release has changed this database (${names}): install that release.\n`)
    },
    finish() {
      if (steps === 0 && !json) process.stdout.write('Nothing to do: the database is up to date.\n')
    },
  }
}
