import { quantile } from '../quantiles.ts'
import { table } from '../table.ts'
import { createContenders } from './contenders.ts'

/** As many as the default cache holds. */
const KEYS = 1_000
/** A batch is timed as one: a single hit is shorter than the clock's step. */
const BATCH = 500

/** What one hit costs, ours and the peers', in one process, in alternating rounds. Promises are awaited, one by one. */
export async function benchHits(rounds: number): Promise<void> {
  const keys = Array.from({ length: KEYS }, (_, i) => `card:${i}`)
  const contenders = await createContenders(keys)
  const samples = contenders.map((): number[] => [])
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, { read }] of contenders.entries()) {
      for (let batch = 0; batch < 20; batch += 1) samples[index]?.push(await timeBatch(read, keys, round * 20 + batch))
    }
  }
  const costs = samples.map((each) => ({ p50: quantile(each, 0.5), p99: quantile(each, 0.99) }))
  const of = (role: string): number =>
    Math.min(...contenders.flatMap((each, i) => (each.role === role ? [costs[i]?.p50 ?? 0] : [])))
  process.stdout.write(`\n### A hit, ${KEYS} keys, ns (batches of ${BATCH}, ${rounds} alternating rounds)\n`)
  const rows = contenders.map(({ name }, i) => [name, `${costs[i]?.p50.toFixed(0)}`, `${costs[i]?.p99.toFixed(0)}`])
  process.stdout.write(table(['', 'p50', 'p99'], rows))
  process.stdout.write(`ours / lru-cache: ${(of('own') / of('floor')).toFixed(2)} (at most 2)\n`)
  process.stdout.write(`best peer / ours: ${(of('peer') / of('own')).toFixed(1)} (at least 5)\n`)
  for (const { close } of contenders) await close()
}

/** Nanoseconds a read. */
async function timeBatch(read: (key: string) => unknown, keys: readonly string[], seed: number): Promise<number> {
  const startedAt = process.hrtime.bigint()
  for (let i = 0; i < BATCH; i += 1) {
    const answer = read(keys[((seed + i) * 7_919) % KEYS] ?? '')
    if (answer instanceof Promise) await answer
  }
  return Number(process.hrtime.bigint() - startedAt) / BATCH
}
