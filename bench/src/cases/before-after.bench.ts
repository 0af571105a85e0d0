import { type BeforeAfterData, openBeforeAfter } from '../before-after/data.ts'
import { type Endpoint, endpoints } from '../before-after/endpoints.ts'
import { loadCallers, type ModeRounds, measureModes } from '../before-after/measure.ts'
import { after, type Mode, modes, noPool, oldPool } from '../before-after/modes.ts'
import type { BenchCase } from '../bench-case.ts'
import { portOf } from '../port.ts'
import { quantile } from '../quantiles.ts'
import { ratioOfRounds } from '../ratio.ts'
import { record, skip } from '../results.ts'
import { table } from '../table.ts'

const suite = 'before-after'
const full = { cards: 210_000, attributions: 400_000, ledger: 500_000, passages: 100_000 }
const quickSizes = { cards: 20_000, attributions: 40_000, ledger: 50_000, passages: 2_000 }

/**
 * The main table: the same server without secondary indexes, cache and prepared statements on a pool of the old size,
 * without reusing connections at all, and as it is delivered. `--database URL`: on a copy of this one; `--port N`: where
 * the first server listens, if not on any free port.
 */
export const bench: BenchCase = {
  title: 'the same requests without indexes, cache and pool, and with them',
  needs: ['TEST_DATABASE_URL'],
  async run({ quick, options }) {
    const serverUrl = process.env.TEST_DATABASE_URL ?? ''
    const given = typeof options.database === 'string' ? options.database : undefined
    const data = await openBeforeAfter(serverUrl, quick ? quickSizes : full, given)
    try {
      await measure(data, { quick, port: portOf(options.port) })
    } finally {
      await data.remove()
    }
  },
}

type Rounds = ReadonlyMap<Mode, ModeRounds>

async function measure(data: BeforeAfterData, { quick, port }: { quick: boolean; port: number | undefined }) {
  const plan = quick
    ? { starts: 1, rounds: 16, loadedRounds: 0, seconds: 0.03, port }
    : { starts: 2, rounds: 6, loadedRounds: 2, seconds: 0.15, port }
  const asked = endpoints(data)
  const { rounds, hasHits } = await measureModes(data, asked, plan)
  if (!hasHits) skip('cached answers', 'the server does not answer from a cache')
  const shown = asked.filter(({ cached }) => !cached || hasHits)
  show('warm, one caller, mean ms', shown, (mode, endpoint) => samplesOf(rounds, mode, endpoint, 'warm'))
  if (plan.loadedRounds > 0) {
    show(`warm, ${loadCallers} callers, mean ms`, shown, (mode, endpoint) =>
      samplesOf(rounds, mode, endpoint, 'loaded'),
    )
  } else skip(`${loadCallers} callers`, 'in a quick run')
  show('the first after a start, mean ms', shown, (mode, endpoint) => rounds.get(mode)?.cold.get(endpoint) ?? [])
  for (const endpoint of shown) recordEndpoint(endpoint, rounds)
}

function recordEndpoint(endpoint: Endpoint, rounds: Rounds): void {
  const { name, goal, cached } = endpoint
  for (const mode of modes) {
    const meansOf = (of: Mode, kind: 'warm' | 'loaded') => (rounds.get(of)?.[kind].get(endpoint) ?? []).map(mean)
    const compare = (kind: 'warm' | 'loaded', to: Mode) => {
      const [is, was] = [meansOf(mode, kind), meansOf(to, kind)]
      return { ratioTo: to.name, ...ratioOfRounds(is, was) }
    }
    const against = (kind: 'warm' | 'loaded') => (mode === oldPool ? {} : compare(kind, oldPool))
    const measured = { suite, contender: mode.name, unit: 'ms' }
    record({
      ...measured,
      name,
      value: mean(meansOf(mode, 'warm')),
      samples: samplesOf(rounds, mode, endpoint, 'warm'),
      ...against('warm'),
      ...(goal && mode === after ? { goal: `≤ ${((100 - goal.improvement) / 100).toFixed(2)}` } : {}),
    })
    if (mode === after) {
      const value = mean(meansOf(after, 'warm'))
      record({ ...measured, name: `${name}, against no connection reused`, value, ...compare('warm', noPool) })
    }
    const loaded = samplesOf(rounds, mode, endpoint, 'loaded')
    if (loaded.length > 0) {
      record({
        ...measured,
        name: `${name}, ${loadCallers} callers`,
        value: mean(meansOf(mode, 'loaded')),
        samples: loaded,
        ...against('loaded'),
      })
    }
    if (cached) continue
    const cold = rounds.get(mode)?.cold.get(endpoint) ?? []
    record({ ...measured, name: `${name}, after a start`, value: mean(cold), samples: cold })
  }
}

function samplesOf(rounds: Rounds, mode: Mode, endpoint: Endpoint, kind: 'warm' | 'loaded'): number[] {
  return (rounds.get(mode)?.[kind].get(endpoint) ?? []).flat()
}

function show(
  title: string,
  asked: readonly Endpoint[],
  samples: (mode: Mode, endpoint: Endpoint) => readonly number[],
): void {
  process.stdout.write(`\n### ${title} (p50, p99)\n`)
  const cell = (values: readonly number[]) =>
    `${mean(values).toFixed(2)} (${quantile(values, 0.5).toFixed(2)}, ${quantile(values, 0.99).toFixed(2)})`
  const rows = asked.map((endpoint) => {
    const [was, is] = [oldPool, after].map((mode) => mean(samples(mode, endpoint)))
    const improvement = `${(100 * (1 - (is ?? Number.NaN) / (was ?? Number.NaN))).toFixed(0)} %`
    return [endpoint.name, ...modes.map((mode) => cell(samples(mode, endpoint))), improvement]
  })
  process.stdout.write(table(['', ...modes.map(({ name }) => name), 'less than before'], rows))
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
