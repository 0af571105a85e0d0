import { runCommand, UsageError } from '@extropy/server/command'
import { killEmbedded, killOnServer } from './kill-workers.ts'

const usage = `usage: pnpm jobs:kill [--jobs N] [--every MS]

Runs jobs, whose workers are killed again and again: on a database of its own beside the one that TEST_DATABASE_URL names, or on an
embedded one where it names none. The exit status is 0 where each job was done exactly once.
`
const options = { jobs: { type: 'string', default: '2000' }, every: { type: 'string', default: '1000' } } as const

await runCommand({ usage, options }, async (values) => {
  const [jobs, killAfterMs] = [Number(values.jobs), Number(values.every)]
  if (![jobs, killAfterMs].every((value) => Number.isInteger(value) && value > 0)) {
    throw new UsageError('--jobs and --every must be whole numbers')
  }
  const serverUrl = process.env.TEST_DATABASE_URL
  const limits = {
    jobs,
    killAfterMs,
    limitMs: 900_000,
    onProgress: ({ succeeded }: { succeeded: number }, kills: number) =>
      process.stderr.isTTY && process.stderr.write(`\r\x1b[K${succeeded} of ${jobs}, ${kills} kills`),
  }
  const report = await (serverUrl ? killOnServer(serverUrl, limits) : killEmbedded(limits))
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  const { succeeded, effects, jobsWithEffect, again, kills, seconds } = report
  process.stdout.write(
    `${serverUrl ? 'PostgreSQL' : 'PGlite'}: ${succeeded} of ${jobs} jobs, ${effects} effects of ${jobsWithEffect} jobs, ${again} run again, ${kills} kills, ${seconds.toFixed(0)} s\n`,
  )
  const isRight = succeeded === jobs && effects === jobs && jobsWithEffect === jobs
  process.stdout.write(isRight ? 'Each was done exactly once.\n' : 'WRONG.\n')
  return isRight ? 0 : 1
})
