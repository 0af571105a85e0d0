import { run } from './children.ts'
import type { Contender } from './rounds.ts'

const options = ['--protocol', 'prepared', '--jobs', '2', '--no-vacuum']

/** TPC-B's four tables, scale 20: more branches than callers, or they would wait for each other's rows. */
async function prepare(url: string): Promise<void> {
  await run('pgbench', ['--initialize', '--quiet', '--scale', '20', url])
}

/** `pgbench -M prepared`, TPC-B-like, 16 clients. */
export async function pgbenchTransfers(url: string): Promise<Contender> {
  await prepare(url)
  return { name: 'pgbench', isLimit: true, measure: (seconds) => measure(url, 16, seconds, []) }
}

/** `pgbench -M prepared -S`, a look-up by primary key: made for any number of clients. */
export async function pgbenchSelect(url: string): Promise<(clients: number) => Contender> {
  await prepare(url)
  return (clients) => ({
    name: 'pgbench -M prepared -S',
    isLimit: true,
    measure: (seconds) => measure(url, clients, seconds, ['--select-only']),
  })
}

async function measure(url: string, clients: number, seconds: number, more: readonly string[]) {
  // It takes whole seconds only.
  const time = ['--client', String(clients), '--time', String(Math.ceil(seconds))]
  const output = await run('pgbench', [...options, ...time, ...more, url])
  const [, tps] = /tps = ([\d.]+)/.exec(output) ?? []
  if (tps === undefined) throw new Error(`pgbench said no rate:\n${output}`)
  return { value: Number(tps) }
}
