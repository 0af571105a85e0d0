/** The q-quantile (0–1) of the samples, nearest rank. NaN where there are none. */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] ?? Number.NaN
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5)

export function mean(samples: readonly number[]): number {
  return samples.reduce((sum, each) => sum + each, 0) / samples.length
}

export interface Ratio {
  readonly ratio: number
  readonly interval: readonly [number, number]
}

/**
 * The median of the rounds' own ratios and its 95 % interval: a disturbance of a round affects both sides of it. Rounds
 * must have been measured in pairs.
 */
export function ratioOfRounds(rounds: readonly number[], others: readonly number[]): Ratio {
  const ratios = rounds.slice(0, others.length).map((value, n) => value / (others[n] ?? Number.NaN))
  return { ratio: middle(ratios), interval: bootstrap(ratios, middle) }
}

/** The 95 % interval of a statistic by resampling, the same one each time that it is asked of the same values. */
export function bootstrap(
  values: readonly number[],
  statistic: (sample: readonly number[]) => number,
  resamples = 2000,
): readonly [number, number] {
  const random = seeded(1)
  const found = Array.from({ length: resamples }, () =>
    statistic(values.map(() => values[Math.floor(random() * values.length)] ?? Number.NaN)),
  )
  return [quantile(found, 0.025), quantile(found, 0.975)]
}

/** Numbers from 0 to 1, the same ones for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 4_294_967_296
  }
}

/**
 * The exponent b of cost ≈ a · size^b, least squares on logarithms: 0 where size does not matter, 1 where ten times the
 * size costs ten times as much.
 */
export function slope(points: readonly (readonly [size: number, cost: number])[]): number {
  const logs = points.map(([size, cost]) => [Math.log(size), Math.log(cost)] as const)
  const [x, y] = [mean(logs.map(([size]) => size)), mean(logs.map(([, cost]) => cost))]
  const across = logs.reduce((sum, [size]) => sum + (size - x) ** 2, 0)
  return logs.reduce((sum, [size, cost]) => sum + (size - x) * (cost - y), 0) / across
}

/** The median; of an even number, the geometric mean of the two in the middle, as befits ratios. */
function middle(ratios: readonly number[]): number {
  const sorted = [...ratios].sort((a, b) => a - b)
  const at = (n: number) => sorted[n] ?? Number.NaN
  return Math.sqrt(at(Math.floor((sorted.length - 1) / 2)) * at(Math.ceil((sorted.length - 1) / 2)))
}
