import { createHash } from 'node:crypto'
import { createLocalEmbedder } from '@extropy/api'
import {
  feelingCues,
  feelings,
  hookCues,
  openWordRanks,
  type PhraseLine,
  phraseCues,
  readCandidates,
  stem,
  stopWordsOf,
} from '@extropy/api/analysis'
import { dot, sameSayingCues } from '@extropy/api/patterns'
import type { Judged } from './fit-logistic.ts'
import {
  type PhraseDocument,
  readFeelings,
  readHeadlines,
  readHookPosts,
  readPairs,
  readPhraseDocuments,
} from './judged-data.ts'

/** An order that is the same on every machine and has nothing to do with a row's class or set: folds are cut from it. */
function shuffled<Row extends { readonly id: string }>(rows: readonly Row[]): Row[] {
  const key = ({ id }: Row) => createHash('sha256').update(id).digest('hex')
  return rows
    .map((row) => ({ row, key: key(row) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ row }) => row)
}

export function hookRows(data: string): (Judged & { readonly set: 'headlines' | 'posts' })[] {
  const rankOf = openWordRanks()
  const rows = [
    ...readHeadlines(data).map((row) => ({ ...row, set: 'headlines' as const })),
    ...readHookPosts(data).map((row) => ({ ...row, set: 'posts' as const })),
  ]
  return shuffled(rows).map(({ text, label, set }) => ({ cues: hookCues(text, rankOf), label, set }))
}

export function feelingRows(data: string) {
  return shuffled(readFeelings(data)).map((row) => ({ ...row, cues: feelingCues(row.text) }))
}

export function feelingRowsOf(rows: ReturnType<typeof feelingRows>): Record<string, Judged[]> {
  return Object.fromEntries(
    feelings.map((feeling) => [feeling, rows.map(({ cues, label }) => ({ cues, label: Number(label === feeling) }))]),
  )
}

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' })

function phraseLines({ title, text }: PhraseDocument): PhraseLine[] {
  const sentences = [...segmenter.segment(text)].map(({ segment }) => ({ text: segment, isTitle: false }))
  return title === '' ? sentences : [{ text: title, isTitle: true }, ...sentences]
}

/** How the judged sets compare phrases: lower case, each word stemmed. */
export const phraseKey = (phrase: string): string =>
  phrase
    .toLowerCase()
    .split(/\s+/)
    .map((word) => stem(word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '')))
    .join(' ')

export function phraseRows(data: string) {
  const rankOf = openWordRanks()
  return shuffled(readPhraseDocuments(data)).map((document) => {
    const lines = phraseLines(document)
    const candidates = readCandidates(lines, stopWordsOf(document.lang), document.lang === 'en')
    const gold = new Set(document.keyphrases.map(phraseKey))
    const rows: Judged[] = candidates.all.map((candidate) => ({
      cues: phraseCues(candidate, candidates, lines, rankOf),
      label: Number(gold.has(phraseKey(candidate.words.map(({ text }) => text).join(' ')))),
      // A long story has hundreds of candidates, an abstract sixty: each document counts alike.
      weight: 60 / Math.max(20, candidates.all.length),
    }))
    return { document, lines, gold, rows }
  })
}

/** Pairs of sentences with their cosines; those of the same meaning: paraphrases, or at least 4 of 5 points alike. */
export async function pairRows(data: string) {
  const pairs = shuffled(readPairs(data))
  const embedder = createLocalEmbedder()
  const rankOf = openWordRanks()
  try {
    const vectors = await embedder.embed(
      pairs.flatMap(({ a, b }) => [a, b]),
      { background: true },
    )
    return pairs.map(({ set, a, b, label, score }, at) => {
      const [one, other] = [vectors[2 * at], vectors[2 * at + 1]]
      const cosine = one === undefined || other === undefined ? 0 : dot(one, other)
      const isSame = label === undefined ? (score ?? 0) >= 4 : label === 1
      return { set, cosine, cues: sameSayingCues(a, b, cosine, rankOf), label: Number(isSame) }
    })
  } finally {
    await embedder.close()
  }
}
