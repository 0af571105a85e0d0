/** A word of the question, as the collection knows it. */
export interface QueryWord {
  /** Its lexeme in each language of the collection, `/` between: a passage has one language, so one of them counts. */
  readonly lexemes: string
  /** As the question has it, in lower case; undefined where it is no question's. */
  readonly asked?: string
  readonly termIds: readonly number[]
  /** Passages that have it, in whatever language. */
  readonly passageCount: number
  /** How often the question says it: long questions repeat what they are about. */
  readonly count: number
  /** Set where no passage has the word and near ones stand in for it. */
  readonly insteadOf?: string
  /** 1 for the word itself; the trigram similarity of what stands in for it. */
  readonly similarity: number
}

/** Robertson and Spärck Jones's weight in Lucene's form, never negative, times how often the question says the word. */
export function wordWeight(
  { passageCount, count, similarity }: QueryWord,
  corpus: { readonly passageCount: number },
): number {
  return count * similarity * Math.log(1 + (corpus.passageCount - passageCount + 0.5) / (passageCount + 0.5))
}
