import { quantile } from './quantiles.ts'
import { type Measurement, record } from './results.ts'

export interface Ratio {
  readonly ratio: number
  readonly interval: readonly [number, number]
}

const resamples = 2000

/**
 * The median of the rounds' own ratios and its 95 % interval: what disturbs a round disturbs both sides of it. Rounds
 * must have been measured in pairs.
 */
export function ratioOfRounds(rounds: readonly number[], others: readonly number[]): Ratio {
  const ratios = rounds.slice(0, others.length).map((value, n) => value / (others[n] ?? Number.NaN))
  const random = seeded(1)
  const medians = Array.from({ length: resamples }, () =>
    middle(ratios.map(() => ratios[Math.floor(random() * ratios.length)] ?? Number.NaN)),
  )
  return { ratio: middle(ratios), interval: [quantile(medians, 0.025), quantile(medians, 0.975)] }
}

interface Rounds
  extends Pick<Measurement, 'suite' | 'name' | 'contender' | 'unit' | 'limit' | 'goal' | 'at' | 'atUnit'> {
  readonly rounds: readonly number[]
  /** Single observations, where there are more of them than rounds. */
  readonly samples?: readonly number[]
  readonly against?: { readonly contender: string; readonly rounds: readonly number[] } | undefined
}

/** Records the median of the rounds and, where there is somebody to compare with, the ratio. */
export function recordRounds({ rounds, samples = rounds, against, ...rest }: Rounds): Ratio | undefined {
  const compared = against && ratioOfRounds(rounds, against.rounds)
  const comparison = compared && against ? { ratioTo: against.contender, ...compared } : {}
  record({ ...rest, value: quantile(rounds, 0.5), samples, ...comparison })
  return compared
}

/** The median; of an even number, the geometric mean of the two in the middle, as befits ratios. */
function middle(ratios: readonly number[]): number {
  const sorted = [...ratios].sort((a, b) => a - b)
  const [below, above] = [Math.floor, Math.ceil].map((round) => sorted[round((sorted.length - 1) / 2)] ?? Number.NaN)
  return Math.sqrt((below ?? Number.NaN) * (above ?? Number.NaN))
}

/** A resampling that gives the same interval each time that a report is made of the same figures. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 4_294_967_296
  }
}
