import { mean } from '../ratio.ts'

export interface ArticleScore {
  /** Undefined for an empty answer: the measure leaves it out of the average. */
  readonly precision: number | undefined
  readonly recall: number
  readonly equal: boolean
}

const words = (text: string): string[] => text.match(/[\p{L}\p{M}\p{N}_]+/gu) ?? []

/** Runs of four words, each with how often it occurs. */
function runs(text: string): { counts: Map<string, number>; total: number } {
  const all = words(text)
  const length = Math.min(4, all.length)
  const counts = new Map<string, number>()
  const total = length === 0 ? 0 : all.length - length + 1
  for (let at = 0; at < total; at++) {
    const run = all.slice(at, at + length).join(' ')
    counts.set(run, (counts.get(run) ?? 0) + 1)
  }
  return { counts, total }
}

/** The measure of scrapinghub/article-extraction-benchmark: runs of four words in common. */
export function scoreArticle(answer: string, gold: string): ArticleScore {
  const [found, wanted] = [runs(answer), runs(gold)]
  let hits = 0
  for (const [run, count] of found.counts) hits += Math.min(count, wanted.counts.get(run) ?? 0)
  return {
    precision: found.total === 0 ? undefined : hits / found.total,
    recall: wanted.total === 0 ? (found.total === 0 ? 1 : 0) : hits / wanted.total,
    equal: words(answer).join(' ') === words(gold).join(' '),
  }
}

export function f1Of(scores: readonly ArticleScore[]): { f1: number; precision: number; recall: number } {
  const precision = mean(scores.map((score) => score.precision).filter((value) => value !== undefined))
  const recall = mean(scores.map((score) => score.recall))
  return { f1: (2 * precision * recall) / (precision + recall), precision, recall }
}

/** The share of the words of `wanted` that are in `found`, each as often. Letters of scripts without spaces are words. */
export function overlap(found: string, wanted: string): number {
  const count = (text: string): Map<string, number> => {
    const counts = new Map<string, number>()
    for (const word of text.match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{L}\p{N}]+/gu) ?? [])
      counts.set(word, (counts.get(word) ?? 0) + 1)
    return counts
  }
  const [has, wants] = [count(found), count(wanted)]
  let hits = 0
  let total = 0
  for (const [word, times] of wants) {
    total += times
    hits += Math.min(times, has.get(word) ?? 0)
  }
  return total === 0 ? 1 : hits / total
}
