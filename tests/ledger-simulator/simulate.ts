import { runCommand, UsageError } from '@extropy/server/command'
import { simulate } from './run.ts'

const usage = `usage: TEST_DATABASE_URL=postgres://… pnpm ledger:simulate [--ops N] [--seed S]

Moves tokens by thousands of calls, right and wrong, kills servers and connections meanwhile, and compares the ledger with a
model: on a database of its own beside the one that TEST_DATABASE_URL names. The exit status is 0 where they agree.
`
const options = { ops: { type: 'string', default: '20000' }, seed: { type: 'string' } } as const

await runCommand({ usage, options }, async (values) => {
  const ops = Number(values.ops)
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed)
  const serverUrl = process.env.TEST_DATABASE_URL
  if (!serverUrl) throw new UsageError('TEST_DATABASE_URL is required')
  if (!Number.isInteger(ops) || ops < 1 || !Number.isInteger(seed)) {
    throw new UsageError('--ops and --seed must be whole numbers')
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
  return problems.length === 0 ? 0 : 1
})
