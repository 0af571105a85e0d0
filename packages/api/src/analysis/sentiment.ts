import { feelingCues } from './feeling-cues.ts'
import { confidenceOf, type Finding } from './finding.ts'
import { probability, type Weights } from './logistic.ts'
import { isEnglish, type ReadText, spanOf } from './read-text.ts'
import { readValence } from './valence.ts'
import sentimentModel from './weights/sentiment.json' with { type: 'json' }

export const feelings = ['positive', 'neutral', 'negative'] as const
type Feeling = (typeof feelings)[number]
type FeelingShares = Readonly<Record<Feeling, number>>

const method = 'VADER and AFINN word lists, logistic regression'
const version = 1
/** Headings and the last of very many sentences change nothing. */
const mostSentences = 200

/** Chances of a sentence to be felt as one of the three, together 1. */
export function feelingOf(sentence: string): FeelingShares {
  const cues = feelingCues(sentence)
  const { weights, neutralFactor } = sentimentModel
  const raw = feelings.map(
    (feeling) => probability(weights[feeling] as Weights, cues) * (feeling === 'neutral' ? neutralFactor : 1),
  )
  const sum = raw.reduce((total, each) => total + each, 0)
  return Object.fromEntries(feelings.map((feeling, at) => [feeling, (raw[at] ?? 0) / sum])) as FeelingShares
}

export interface Sentiment {
  readonly label: Feeling
  /** -1 to 1: positive less negative. */
  readonly score: number
}

/** The whole text's feeling: of its sentences' chances the mean, those with charged words counting three times. */
export function findSentiment(text: ReadText): Finding<Sentiment> | undefined {
  if (!isEnglish(text)) return undefined
  const sentences = text.pieces.filter(({ text: said }) => /\p{L}{2}/u.test(said)).slice(0, mostSentences)
  if (sentences.length === 0) return undefined
  let weightSum = 0
  const total = { positive: 0, neutral: 0, negative: 0 }
  const shares = sentences.map((sentence) => {
    const share = feelingOf(sentence.text)
    const weight = readValence(sentence.text).charged.length > 0 ? 3 : 1
    weightSum += weight
    for (const feeling of feelings) total[feeling] += weight * share[feeling]
    return share
  })
  const mean = (feeling: Feeling) => total[feeling] / weightSum
  const label = feelings.reduce((best, feeling) => (mean(feeling) > mean(best) ? feeling : best), 'neutral' as Feeling)
  const telling = sentences
    .map((sentence, at) => ({ sentence, share: shares[at]?.[label] ?? 0 }))
    .sort((a, b) => b.share - a.share || a.sentence.start - b.sentence.start)
    .slice(0, 3)
    .filter(({ share }) => share >= 0.5)
  return {
    value: {
      label,
      score:
        confidenceOf(Math.abs(mean('positive') - mean('negative'))) * Math.sign(mean('positive') - mean('negative')),
    },
    confidence: confidenceOf(mean(label)),
    spans: label === 'neutral' ? [] : telling.map(({ sentence }) => spanOf(sentence)),
    method,
    version,
  }
}
