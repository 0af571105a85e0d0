import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** TPC-B's four tables, scale 20: more branches than callers, or they would wait for each other's rows. */
export async function preparePgbench(url: string): Promise<void> {
  await run('pgbench', ['--initialize', '--quiet', '--scale', '20', url])
}

/** Transactions a second of `pgbench -M prepared`, TPC-B-like, 16 clients. */
export async function runPgbench(url: string, seconds: number): Promise<number> {
  return transactionsPerSecond(url, seconds, [])
}

/** The same of `pgbench -M prepared -S`: a look-up by primary key. */
export async function runPgbenchSelect(url: string, seconds: number): Promise<number> {
  return transactionsPerSecond(url, seconds, ['--select-only'])
}

async function transactionsPerSecond(url: string, seconds: number, more: readonly string[]): Promise<number> {
  const options = ['--protocol', 'prepared', '--client', '16', '--jobs', '2', '--time', String(seconds), '--no-vacuum']
  const { stdout } = await run('pgbench', [...options, ...more, url])
  const [, tps] = /tps = ([\d.]+)/.exec(stdout) ?? []
  if (tps === undefined) throw new Error(`pgbench said no rate:\n${stdout}`)
  return Number(tps)
}
