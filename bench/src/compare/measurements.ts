import { quantile } from '../quantiles.ts'
import { ratioOfRounds } from '../ratio.ts'
import type { Measurement } from '../results.ts'

export interface Compared {
  readonly label: string
  readonly unit: string
  readonly before: number
  readonly after: number
  /** after / before, the median of the rounds' own ratios. */
  readonly ratio: number
  /** Undefined where there is one round and no samples. */
  readonly interval: readonly [number, number] | undefined
}

/** What both have measured, in the order of the first one. Each argument: the rounds, each a run's measurements. */
export function compareMeasurements(
  before: readonly (readonly Measurement[])[],
  after: readonly (readonly Measurement[])[],
): Compared[] {
  const [first = []] = before
  return first.flatMap((measurement): Compared[] => {
    const key = keyOf(measurement)
    const of = (rounds: typeof before) => rounds.flatMap((round) => round.filter((each) => keyOf(each) === key))
    const [ours, others] = [of(before), of(after)]
    if (others.length === 0) return []
    const { name, contender, unit } = measurement
    return [
      { label: `${name}, ${contender}`, unit, ...(ours.length > 1 ? paired(ours, others) : unpaired(ours, others)) },
    ]
  })
}

export interface ComparedRatio {
  readonly label: string
  readonly before: number
  readonly after: number
}

/**
 * How far each run's own ratios agree: what stood beside a contender in its run had the same machine, so that these
 * may be compared where the figures themselves may not.
 */
export function compareRatios(
  before: readonly (readonly Measurement[])[],
  after: readonly (readonly Measurement[])[],
): ComparedRatio[] {
  const [first = []] = before
  return first.flatMap((measurement): ComparedRatio[] => {
    const key = keyOf(measurement)
    const of = (rounds: typeof before) =>
      rounds.flatMap((round) =>
        round.flatMap((each) =>
          keyOf(each) === key && each.ratio !== undefined && each.ratioTo === measurement.ratioTo ? [each.ratio] : [],
        ),
      )
    const [ours, others] = [of(before), of(after)]
    if (ours.length === 0 || others.length === 0) return []
    const { name, contender, ratioTo } = measurement
    const label = `${name}: ${contender} / ${ratioTo}`
    return [{ label, before: quantile(ours, 0.5), after: quantile(others, 0.5) }]
  })
}

function keyOf({ suite, name, contender, at }: Measurement): string {
  return JSON.stringify([suite, name, contender, at])
}

type Figures = Pick<Compared, 'before' | 'after' | 'ratio' | 'interval'>

function paired(ours: readonly Measurement[], others: readonly Measurement[]): Figures {
  const [before, after] = [ours, others].map((rounds) => rounds.map(({ value }) => value)) as [number[], number[]]
  return { before: quantile(before, 0.5), after: quantile(after, 0.5), ...ratioOfRounds(after, before) }
}

/**
 * Two files were not measured in turns: samples of the one against samples of the other, resampled apart. All of it is
 * about the samples' medians, also where a file's own figure is a mean, so that the ratio is in its interval.
 */
function unpaired([one]: readonly Measurement[], [other]: readonly Measurement[]): Figures {
  const [a, b] = [one, other].map((each) => each?.samples ?? []) as [readonly number[], readonly number[]]
  if (a.length < 2 || b.length < 2) {
    const [before, after] = [one?.value ?? Number.NaN, other?.value ?? Number.NaN]
    return { before, after, ratio: after / before, interval: undefined }
  }
  let state = 1
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 4_294_967_296
  }
  const medianOfSome = (from: readonly number[]) =>
    quantile(
      from.map(() => from[Math.floor(random() * from.length)] ?? Number.NaN),
      0.5,
    )
  const ratios = Array.from({ length: 1000 }, () => medianOfSome(b) / medianOfSome(a))
  const [before, after] = [quantile(a, 0.5), quantile(b, 0.5)]
  return { before, after, ratio: after / before, interval: [quantile(ratios, 0.025), quantile(ratios, 0.975)] }
}
