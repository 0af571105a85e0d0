import { type BeforeAfterData, openBeforeAfter } from '../before-after/data.ts'
import { type Endpoint, endpoints } from '../before-after/endpoints.ts'
import { loadCallers, type ModeRound, measureMode } from '../before-after/measure-mode.ts'
import { after, type Mode, modes, noPool, oldPool } from '../before-after/modes.ts'
import type { BenchCase } from '../bench-case.ts'
import { portOf } from '../port.ts'
import { quantile } from '../quantiles.ts'
import { ratioOfRounds } from '../ratio.ts'
import { record, skip } from '../results.ts'
import { table } from '../table.ts'

const suite = 'before-after'
const full = { cards: 210_000, attributions: 400_000, ledger: 500_000, passages: 100_000 }
const quickSizes = { cards: 20_000, attributions: 40_000, ledger: 50_000, passages: 5_000 }

/**
 * The main table: the same server without secondary indexes, cache and prepared statements on a pool of the old size,
 * without reusing connections at all, and as it is delivered. `--database URL`: on a copy of this one; `--port N`: where
 * the servers listen, if not on any free port.
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

type Rounds = ReadonlyMap<Mode, ModeRound[]>

async function measure(data: BeforeAfterData, { quick, port }: { quick: boolean; port: number | undefined }) {
  const asked = endpoints(data)
  const rounds: Rounds = new Map(modes.map((mode) => [mode, []]))
  for (let round = 0; round < (quick ? 2 : 3); round++) {
    for (let at = 0; at < modes.length; at++) {
      // Each begins at another place in each round: what a neighbour does to the machine hits all of them alike.
      const mode = modes[(round + at) % modes.length] as Mode
      rounds.get(mode)?.push(await measureMode(mode, data, asked, { seconds: quick ? 0.15 : 1, port }))
    }
  }
  const isCached = rounds.get(after)?.every(({ hasHits }) => hasHits) ?? false
  if (!isCached) skip('cached answers', 'the server does not answer from a cache')
  const shown = asked.filter(({ cached }) => !cached || isCached)
  show('warm, one caller, mean ms', shown, (mode, { name }) => samplesOf(rounds, mode, name, 'warmMs'))
  show(`warm, ${loadCallers} callers, mean ms`, shown, (mode, { name }) => samplesOf(rounds, mode, name, 'loadedMs'))
  show('the first after a start, mean ms', shown, (mode, { name }) =>
    (rounds.get(mode) ?? []).map(({ coldMs }) => coldMs[name] ?? Number.NaN),
  )
  for (const endpoint of shown) recordEndpoint(endpoint, rounds)
}

function recordEndpoint({ name, goal, cached }: Endpoint, rounds: Rounds): void {
  for (const mode of modes) {
    const meansOf = (of: Mode, kind: 'warmMs' | 'loadedMs') =>
      (rounds.get(of) ?? []).map((round) => mean(round[kind][name] ?? []))
    // Of the means that the table shows; the interval is of the rounds.
    const compare = (kind: 'warmMs' | 'loadedMs', to: Mode) => {
      const [is, was] = [meansOf(mode, kind), meansOf(to, kind)]
      return { ratioTo: to.name, ratio: mean(is) / mean(was), interval: ratioOfRounds(is, was).interval }
    }
    const against = (kind: 'warmMs' | 'loadedMs') => (mode === oldPool ? {} : compare(kind, oldPool))
    const measured = { suite, contender: mode.name, unit: 'ms' }
    record({
      ...measured,
      name,
      value: mean(meansOf(mode, 'warmMs')),
      samples: samplesOf(rounds, mode, name, 'warmMs'),
      ...against('warmMs'),
      ...(goal && mode === after ? { goal: `≤ ${((100 - goal.improvement) / 100).toFixed(2)}` } : {}),
    })
    if (mode === after) {
      const value = mean(meansOf(after, 'warmMs'))
      record({ ...measured, name: `${name}, against no connection reused`, value, ...compare('warmMs', noPool) })
    }
    record({
      ...measured,
      name: `${name}, ${loadCallers} callers`,
      value: mean(meansOf(mode, 'loadedMs')),
      samples: samplesOf(rounds, mode, name, 'loadedMs'),
      ...against('loadedMs'),
    })
    if (cached) continue
    const cold = (rounds.get(mode) ?? []).map(({ coldMs }) => coldMs[name] ?? Number.NaN)
    record({ ...measured, name: `${name}, after a start`, value: mean(cold), samples: cold })
  }
}

function samplesOf(rounds: Rounds, mode: Mode, name: string, kind: 'warmMs' | 'loadedMs'): number[] {
  return (rounds.get(mode) ?? []).flatMap((round) => round[kind][name] ?? [])
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
