import { parseArgs } from 'node:util'
import { simulate } from './run.ts'

/**
 * `pnpm ledger:simulate [--ops N] [--seed S]`: see run.ts. On a database of its own beside the one that
 * TEST_DATABASE_URL names. Exit status 0: the ledger equals the model, 1: it does not, 2: the call was wrong.
 */
const { values } = parseArgs({ options: { ops: { type: 'string', default: '20000' }, seed: { type: 'string' } } })
const ops = Number(values.ops)
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed)
const serverUrl = process.env.TEST_DATABASE_URL
if (!serverUrl || !Number.isInteger(ops) || ops < 1 || !Number.isInteger(seed)) {
  process.stderr.write('usage: TEST_DATABASE_URL=postgres://… pnpm ledger:simulate [--ops N] [--seed S]\n')
  process.exit(2)
}

process.stdout.write(`seed ${seed}, ${ops} operations\n`)
const startedAt = performance.now()
const report = await simulate({
  serverUrl,
  ops,
  seed,
  onProgress: (done) => process.stderr.isTTY && process.stderr.write(`\r\x1b[K${done} of ${ops}`),
})
if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
const seconds = (performance.now() - startedAt) / 1000
const { problems, answered, refused, resent, serversKilled, deadlocks, killedConnections, movements } = report
process.stdout.write(
  `${answered} answered, ${refused} refused, ${resent} sent again; ${serversKilled} servers killed, ${killedConnections} connections killed, ${deadlocks} deadlocks; ${movements} movements; ${seconds.toFixed(0)} s, ${(ops / seconds).toFixed(0)}/s\n`,
)
for (const problem of problems) process.stdout.write(`WRONG (seed ${seed}): ${problem}\n`)
process.stdout.write(problems.length === 0 ? 'The ledger is what the model says, and verifies.\n' : '')
process.exitCode = problems.length === 0 ? 0 : 1
