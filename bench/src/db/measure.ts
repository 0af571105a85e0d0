import { quantile } from '../quantiles.ts'

export interface Load {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/** So many callers, each with its next call as soon as the last one is answered, for `seconds`. `call` gets a running number. */
export async function underLoad(
  callers: number,
  seconds: number,
  call: (n: number) => Promise<unknown>,
): Promise<Load> {
  const latenciesMs: number[] = []
  const startedAt = performance.now()
  let next = 0
  const caller = async () => {
    while (performance.now() - startedAt < seconds * 1000) {
      const sentAt = performance.now()
      await call(next++)
      latenciesMs.push(performance.now() - sentAt)
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  const perSecond = latenciesMs.length / ((performance.now() - startedAt) / 1000)
  return { perSecond, p50Ms: quantile(latenciesMs, 0.5), p99Ms: quantile(latenciesMs, 0.99) }
}

/**
 * The median of one caller's calls to each of `ways`, taken in turn, so that a machine that is busy for a while is busy
 * for all of them. The first tenth is left out: it prepares and warms up.
 */
export async function mediansMs(calls: number, ways: readonly ((n: number) => Promise<unknown>)[]): Promise<number[]> {
  const latenciesMs = ways.map((): number[] => [])
  for (let n = 0; n < calls; n++) {
    for (const [at, way] of ways.entries()) {
      const sentAt = performance.now()
      await way(n)
      if (n >= calls / 10) latenciesMs[at]?.push(performance.now() - sentAt)
    }
  }
  return latenciesMs.map((samples) => quantile(samples, 0.5))
}

/**
 * The medians of several passes over all ways, a pass's calls in turn: what a connection's process has for luck with the
 * cores lasts for a pass, not for all of them. By way, a median a pass.
 */
export async function roundMediansMs(
  rounds: number,
  calls: number,
  ways: readonly ((n: number) => Promise<unknown>)[],
): Promise<number[][]> {
  const medians = ways.map((): number[] => [])
  for (let round = 0; round < rounds; round++) {
    for (const [at, median] of (await mediansMs(calls, ways)).entries()) medians[at]?.push(median)
  }
  return medians
}

export async function medianMs(calls: number, way: (n: number) => Promise<unknown>): Promise<number> {
  return (await mediansMs(calls, [way]))[0] ?? Number.NaN
}

/** The middle one of several rounds. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** A Markdown table, as it goes into the docs. */
export function printTable(rows: readonly Record<string, string | number>[]): void {
  const [first] = rows
  if (first === undefined) return
  const columns = Object.keys(first)
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |\n`
  process.stdout.write(`\n${line(columns)}${line(columns.map(() => '---'))}`)
  for (const row of rows) process.stdout.write(line(columns.map((column) => row[column] ?? '')))
}
