import { findModel, readPinned } from '../embedding/minilm/weights.ts'

/** Words that are not in the vocabulary are at least so rare. */
const rareRank = 30_000

/**
 * Tells how common an English word in lower case is: 1 for the most common one. The vocabulary of the bundled model (BERT's, Apache-2.0)
 * is in that order, so that no table of frequencies is needed beside it.
 */
export type RankOf = (word: string) => number

let ranks: RankOf | undefined

/** Reads the vocabulary on first use: 10 ms, 3 MB. */
export function openWordRanks(): RankOf {
  ranks ??= readRanks()
  return ranks
}

function readRanks(): RankOf {
  const file = readPinned('tokenizer.json', findModel()).toString()
  const { model } = JSON.parse(file) as { model: { vocab: Record<string, number> } }
  const the = model.vocab.the ?? 0
  const known = new Map(
    Object.entries(model.vocab)
      .filter(([word, id]) => id >= the && !word.startsWith('##'))
      .map(([word, id]) => [word, id - the + 1]),
  )
  return (word) => known.get(word) ?? rareRank
}
