import { probability, type Weights } from '../analysis/logistic.ts'
import { stem } from '../analysis/porter.ts'
import model from '../analysis/weights/same-saying.json' with { type: 'json' }
import type { RankOf } from '../analysis/word-ranks.ts'
import { readWords, stopWordsOf } from '../analysis/words.ts'

const denial = /\b(?:not|no|never|nobody|none|without|\w+n't|cannot|nothing)\b/

/** Cues of two sentences saying the same: their vectors' cosine, and what of their words they share. */
export function sameSayingCues(a: string, b: string, cosine: number, rankOf: RankOf): Record<string, number> {
  const [one, other] = [weighWords(a, rankOf), weighWords(b, rankOf)]
  const shared = sum([...one.telling].filter(([word]) => other.telling.has(word)).map(([, weight]) => weight))
  const covers = [one, other].map(({ telling }) => shared / (sum([...telling.values()]) || 1))
  const lost = (from: typeof one, to: typeof one) => [...from.telling].filter(([word]) => !to.telling.has(word))
  const common = [...one.all].filter((word) => other.all.has(word)).length
  const jaccard = common / (one.all.size + other.all.size - common || 1)
  const pairs = [...one.pairs].filter((pair) => other.pairs.has(pair)).length
  const numbers =
    [...one.numbers].filter((n) => !other.numbers.has(n)).length +
    [...other.numbers].filter((n) => !one.numbers.has(n)).length
  return {
    cosine,
    veryNear: Math.max(0, cosine - 0.8),
    leastCovered: Math.min(...covers),
    mostCovered: Math.max(...covers),
    jaccard,
    nearAndAlike: cosine * jaccard,
    pairs: pairs / (Math.min(one.pairs.size, other.pairs.size) || 1),
    lost: Math.min(6, lost(one, other).length + lost(other, one).length),
    numbers: Math.min(3, numbers),
    denial: denial.test(a.toLowerCase()) === denial.test(b.toLowerCase()) ? 0 : 1,
    unlikeLength: Math.abs(Math.log((one.count + 1) / (other.count + 1))),
    length: Math.log(one.count + other.count + 1),
  }
}

/** The chance that two sentences say the same, 0 to 1. */
export function sameSaying(a: string, b: string, cosine: number, rankOf: RankOf): number {
  return probability(model.weights as Weights, sameSayingCues(a, b, cosine, rankOf))
}

function weighWords(sentence: string, rankOf: RankOf) {
  const words = readWords(sentence).map(({ lower }) => lower)
  const stopWords = stopWordsOf('en')
  const telling = new Map<string, number>()
  for (const word of words) if (!stopWords?.has(word)) telling.set(stem(word), Math.log(rankOf(word) + 1))
  return {
    telling,
    all: new Set(words),
    pairs: new Set(words.slice(1).map((word, at) => `${words[at]} ${word}`)),
    numbers: new Set(words.filter((word) => /\d/.test(word))),
    count: words.length,
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
