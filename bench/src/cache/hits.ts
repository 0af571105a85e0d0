import { quantile } from '../quantiles.ts'
import { recordRounds } from '../ratio.ts'
import { table } from '../table.ts'
import { type Contender, createContenders } from './contenders.ts'

/** As many as the default cache holds. */
const KEYS = 1_000
/** A batch is timed as one: a single hit is shorter than the clock's step. */
const BATCH = 500
/** Of each contender, in each round. */
const BATCHES = 20

/** What one hit costs, ours and the peers', in one process, in alternating rounds. Promises are awaited, one by one. */
export async function benchHits(rounds: number): Promise<void> {
  const keys = Array.from({ length: KEYS }, (_, i) => `card:${i}`)
  const contenders = await createContenders(keys)
  const samples = contenders.map((): number[] => [])
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, { read }] of contenders.entries()) {
      for (let batch = 0; batch < BATCHES; batch += 1)
        samples[index]?.push(await timeBatch(read, keys, round * BATCHES + batch))
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
  recordHits(contenders, samples)
  for (const { close } of contenders) await close()
}

function recordHits(contenders: readonly Contender[], samples: readonly (readonly number[])[]): void {
  const rounds = samples.map((batches) =>
    Array.from({ length: batches.length / BATCHES }, (_, round) =>
      quantile(batches.slice(round * BATCHES, (round + 1) * BATCHES), 0.5),
    ),
  )
  const of = (role: string) => {
    const at = contenders.findIndex((each) => each.role === role)
    return { contender: contenders[at]?.name ?? '', rounds: rounds[at] ?? [] }
  }
  for (const [at, { name: contender, role }] of contenders.entries()) {
    recordRounds({
      suite: 'cache',
      name: 'a hit',
      contender,
      unit: 'ns',
      rounds: rounds[at] ?? [],
      samples: samples[at] ?? [],
      limit: role === 'floor',
      against: role === 'floor' ? undefined : of(role === 'own' ? 'floor' : 'own'),
    })
  }
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
