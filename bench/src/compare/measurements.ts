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
    const values = (rounds: readonly Measurement[]) => rounds.map(({ value }) => value)
    const { name, contender, unit } = measurement
    const { ratio, interval } = ratioOfRounds(values(others), values(ours))
    return [
      {
        label: `${name}, ${contender}`,
        unit,
        before: quantile(values(ours), 0.5),
        after: quantile(values(others), 0.5),
        ratio,
        interval: ours.length > 1 ? interval : unpaired(others[0], ours[0]),
      },
    ]
  })
}

function keyOf({ suite, name, contender, at }: Measurement): string {
  return JSON.stringify([suite, name, contender, at])
}

/** Two files were not measured in turns: samples of the one against samples of the other, resampled apart. */
function unpaired(one: Measurement | undefined, other: Measurement | undefined): readonly [number, number] | undefined {
  const [a, b] = [one?.samples ?? [], other?.samples ?? []]
  if (a.length < 2 || b.length < 2) return undefined
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
  const ratios = Array.from({ length: 1000 }, () => medianOfSome(a) / medianOfSome(b))
  return [quantile(ratios, 0.025), quantile(ratios, 0.975)]
}
