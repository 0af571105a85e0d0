/** What one ranking is worth, each from 0 to 1. */
export interface Scores {
  /** Gain = grade, discounted by log2(rank + 1), against the ideal list cut at 10 (Järvelin and Kekäläinen 2002). */
  readonly ndcg10: number
  /** The share of the relevant documents that are among the first 100. */
  readonly recall100: number
  /** 1 / rank of the first relevant document among the first 10; 0 where there is none. */
  readonly mrr10: number
}

export const metricNames = ['ndcg10', 'recall100', 'mrr10'] as const

/** As they are printed and recorded. */
export const metricLabels = { ndcg10: 'nDCG@10', recall100: 'Recall@100', mrr10: 'MRR@10' } as const

/** What a collection's scores are recorded as: goals and plots find them by it. */
export function scoreName(collection: string, metric: (typeof metricNames)[number]): string {
  return `${collection}: ${metricLabels[metric]}`
}

export function score(ranking: readonly string[], grades: ReadonlyMap<string, number>): Scores {
  const gains = ranking.slice(0, 10).map((id) => grades.get(id) ?? 0)
  const ideal = [...grades.values()].sort((a, b) => b - a).slice(0, 10)
  const first = gains.findIndex((gain) => gain > 0)
  return {
    ndcg10: discounted(gains) / discounted(ideal),
    recall100: ranking.slice(0, 100).filter((id) => grades.has(id)).length / grades.size,
    mrr10: first === -1 ? 0 : 1 / (first + 1),
  }
}

function discounted(gains: readonly number[]): number {
  return gains.reduce((sum, gain, index) => sum + gain / Math.log2(index + 2), 0)
}

export interface Interval {
  readonly mean: number
  readonly low: number
  readonly high: number
}

/** The mean and its 95 % interval by the percentile bootstrap: 10,000 resamples of the queries, from a fixed seed. */
export function bootstrap(values: readonly number[], resamples = 10_000): Interval {
  const random = mulberry32(20_261_123)
  const means = Array.from({ length: resamples }, () => {
    let sum = 0
    for (let n = 0; n < values.length; n++) sum += values[Math.floor(random() * values.length)] ?? 0
    return sum / values.length
  }).sort((a, b) => a - b)
  const at = (share: number) => means[Math.min(resamples - 1, Math.floor(share * resamples))] ?? Number.NaN
  return { mean: values.reduce((sum, value) => sum + value, 0) / values.length, low: at(0.025), high: at(0.975) }
}

/** A small generator with a seed, so that two runs print the same interval. */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
