import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand, UsageError } from '@extropy/server/command'
import { startEngines } from './engines.ts'
import { runChaos } from './run.ts'

const usage = `usage: pnpm chaos [--ops N] [--seed S] [--cards N] [--workers N]

Two servers of some workers each (default 2), a primary, a replica that lags, PgBouncer and Redis of its own; callers read and write
through a balancer, and everything is killed, stopped, delayed or emptied meanwhile. The exit status is 0 where no answer was older than
its stamp allows, nothing acknowledged was lost, the ledger verifies, and nobody was let in with a revoked key.
`
const options = {
  ops: { type: 'string', default: '20000' },
  seed: { type: 'string' },
  cards: { type: 'string', default: '4000' },
  workers: { type: 'string', default: '2' },
} as const

await runCommand({ usage, options }, async (values) => {
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed)
  const [operations, cards, workers] = [Number(values.ops), Number(values.cards), Number(values.workers)]
  if (
    ![operations, cards, workers].every((number) => Number.isInteger(number) && number > 0) ||
    !Number.isInteger(seed)
  ) {
    throw new UsageError('--ops, --seed, --cards and --workers must be whole numbers')
  }
  process.stdout.write(`seed ${seed}, ${operations} operations\n`)
  await using engines = await startEngines()
  const startedAt = performance.now()
  const report = await runChaos(engines, {
    ...{ operations, seed, cards, workers },
    onProgress: (done, faults) =>
      process.stderr.isTTY && process.stderr.write(`\r\x1b[K${done} of ${operations}, ${faults} faults`),
  })
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  const seconds = (performance.now() - startedAt) / 1000
  const { reads, writes, hits, retries, faults, behind, keysRevoked, revokedTried, problems } = report
  const total = [...faults.values()].reduce((sum, count) => sum + count, 0)
  process.stdout.write(
    [
      `${reads} reads (${((100 * hits) / reads).toFixed(0)} % hits), ${writes} writes, ${retries} attempts without an answer; ${seconds.toFixed(0)} s`,
      `${total} faults: ${[...faults].map(([fault, count]) => `${fault} ${count}`).join(', ')}`,
      `${behind} reads behind a write that the reader had not heard of; ${keysRevoked} keys revoked, tried ${revokedTried} times`,
      ...problems.map((problem) => `WRONG (seed ${seed}): ${problem}`),
      problems.length === 0 ? 'No answer was older than its stamp, nothing was lost, the ledger verifies.' : '',
      '',
    ].join('\n'),
  )
  if (problems.length > 0) {
    const file = join(await mkdtemp(join(tmpdir(), 'extropy-chaos-')), 'journal.txt')
    await writeFile(file, report.journal.join('\n'))
    process.stdout.write(`What happened when: ${file}\n`)
  }
  // At length it must have had its faults, or it shows nothing.
  const isTooQuiet = operations >= 100_000 && (total < 200 || !faults.has('promote the replica'))
  if (isTooQuiet) process.stdout.write('Too few faults for so many operations.\n')
  return problems.length === 0 && !isTooQuiet ? 0 : 1
})
