import { parseArgs } from 'node:util'
import { killEmbedded, killOnServer } from './kill-workers.ts'

/**
 * `pnpm jobs:kill [--jobs N] [--every MS]`: jobs, whose workers are killed again and again; on a database of its own beside the one
 * that TEST_DATABASE_URL names, or on an embedded one where it names none. Exit status 0: each was done exactly once, 1: not so.
 */
const { values } = parseArgs({
  options: { jobs: { type: 'string', default: '2000' }, every: { type: 'string', default: '1000' } },
})
const options = {
  jobs: Number(values.jobs),
  killAfterMs: Number(values.every),
  limitMs: 900_000,
  onProgress: ({ succeeded }: { succeeded: number }, kills: number) =>
    process.stderr.isTTY && process.stderr.write(`\r\x1b[K${succeeded} of ${values.jobs}, ${kills} kills`),
}
const serverUrl = process.env.TEST_DATABASE_URL
const report = await (serverUrl ? killOnServer(serverUrl, options) : killEmbedded(options))
if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
const { succeeded, effects, jobsWithEffect, again, kills, seconds } = report
process.stdout.write(
  `${serverUrl ? 'PostgreSQL' : 'PGlite'}: ${succeeded} of ${options.jobs} jobs, ${effects} effects of ${jobsWithEffect} jobs, ${again} run again, ${kills} kills, ${seconds.toFixed(0)} s\n`,
)
const isRight = succeeded === options.jobs && effects === options.jobs && jobsWithEffect === options.jobs
process.stdout.write(isRight ? 'Each was done exactly once.\n' : 'WRONG.\n')
process.exitCode = isRight ? 0 : 1
