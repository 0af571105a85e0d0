/** What one ranking is worth, each from 0 to 1. */
export interface Scores {
  /** Gain = grade, discounted by log2(rank + 1), against the ideal list cut at 10 (Järvelin and Kekäläinen 2002). */
  readonly 'nDCG@10': number
  /** The share of the relevant documents that are among the first 100. */
  readonly 'Recall@100': number
  /** 1 / rank of the first relevant document among the first 10; 0 where there is none. */
  readonly 'MRR@10': number
}

export const metrics = ['nDCG@10', 'Recall@100', 'MRR@10'] as const

export function score(ranking: readonly string[], grades: ReadonlyMap<string, number>): Scores {
  const gains = ranking.slice(0, 10).map((id) => grades.get(id) ?? 0)
  const ideal = [...grades.values()].sort((a, b) => b - a).slice(0, 10)
  const first = gains.findIndex((gain) => gain > 0)
  return {
    'nDCG@10': discounted(gains) / discounted(ideal),
    'Recall@100': ranking.slice(0, 100).filter((id) => grades.has(id)).length / grades.size,
    'MRR@10': first === -1 ? 0 : 1 / (first + 1),
  }
}

function discounted(gains: readonly number[]): number {
  return gains.reduce((sum, gain, index) => sum + gain / Math.log2(index + 2), 0)
}
