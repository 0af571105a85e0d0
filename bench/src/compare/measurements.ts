import { bootstrap, median, ratioOfRounds } from '../ratio.ts'
import type { Measurement } from '../results.ts'

/** A side's rounds, each a run's measurements. */
type Rounds = readonly (readonly Measurement[])[]

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

/** The measurements that both sides have, in the order of the first one. */
export function compareMeasurements(before: Rounds, after: Rounds): Compared[] {
  const [first = []] = before
  return first.flatMap((measurement): Compared[] => {
    const [ours, others] = [before, after].map((rounds) => sameAs(measurement, rounds)) as [
      Measurement[],
      Measurement[],
    ]
    if (others.length === 0) return []
    const { name, contender, unit } = measurement
    const figures = ours.length > 1 ? paired(ours, others) : unpaired(ours, others)
    return [{ label: `${name}, ${contender}`, unit, ...figures }]
  })
}

/**
 * How far each run's own ratios agree: what stood beside a contender in its run had the same machine, so that these
 * may be compared where the figures themselves may not.
 */
export function compareRatios(before: Rounds, after: Rounds): Pick<Compared, 'label' | 'before' | 'after'>[] {
  const [first = []] = before
  return first.flatMap((measurement) => {
    const { name, contender, ratioTo } = measurement
    const [ours, others] = [before, after].map((rounds) =>
      sameAs(measurement, rounds).flatMap((each) => (each.ratioTo === ratioTo ? (each.ratio ?? []) : [])),
    )
    if (!ours?.length || !others?.length) return []
    return [{ label: `${name}: ${contender} / ${ratioTo}`, before: median(ours), after: median(others) }]
  })
}

function sameAs(measurement: Measurement, rounds: Rounds): Measurement[] {
  const keyOf = ({ suite, name, contender, at }: Measurement) => JSON.stringify([suite, name, contender, at])
  return rounds.flat().filter((each) => keyOf(each) === keyOf(measurement))
}

type Figures = Pick<Compared, 'before' | 'after' | 'ratio' | 'interval'>

function paired(ours: readonly Measurement[], others: readonly Measurement[]): Figures {
  const [before, after] = [ours, others].map((all) => all.map(({ value }) => value)) as [number[], number[]]
  return { before: median(before), after: median(after), ...ratioOfRounds(after, before) }
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
  const [before, after] = [median(a), median(b)]
  const [lowA, highA] = bootstrap(a, median)
  const [lowB, highB] = bootstrap(b, median)
  // Each side's own interval: the widest that their ratio can be in.
  return { before, after, ratio: after / before, interval: [lowB / highA, highB / lowA] }
}
