import type { z } from 'zod'
import type { Deps } from '../context.ts'
import { parsePrompt } from './parse-prompt.ts'
import { passageCondition } from './passage-filter.ts'
import { readQuestion } from './query-words.ts'
import type { RagAnswer, RagQuery } from './search.schema.ts'
import { search } from './search.ts'
import { readForeign, understandPrompt } from './understand.ts'

type SearchDeps = Pick<Deps, 'db' | 'embedder' | 'embeddingModel'>

/** Takes the prompt apart, embeds it and searches. A prompt without a vector is searched by word alone. */
export async function searchPrompt(
  { db, embedder, embeddingModel: model }: SearchDeps,
  input: z.output<typeof RagQuery>,
) {
  const { text: asked, phrases, excluded } = parsePrompt(input.prompt)
  const read = await understandPrompt(db, asked, { given: input, asWords: input.asWords })
  let text = read.text
  let [question, [vector]] = await Promise.all([readQuestion(db, text), embedder.embed([text])])
  const foreign = await readForeign(db, text, question.corpus.searchConfigs)
  if (foreign !== undefined) {
    text = foreign.text
    question = await readQuestion(db, text)
  }
  const { corpus, words, unknown } = question
  const outcome = await search(db, {
    words,
    unknown,
    corpus,
    embedded: vector === undefined ? undefined : { model, vector },
    vectorWeight: embedder.vectorWeight,
    condition: passageCondition({ ...input, ...read.filter, phrases, excluded }, corpus.searchConfigs),
    nResults: input.nResults,
    groupBy: input.groupBy,
  })
  return {
    ...outcome,
    words,
    unknown,
    corpus,
    phrases,
    excluded,
    vector,
    understood: [...read.understood],
    notice: foreign?.notice ?? null,
  }
}

export async function searchPassages(
  deps: SearchDeps,
  input: z.output<typeof RagQuery>,
): Promise<z.input<typeof RagAnswer>> {
  const { results, exhausted, vectorMethod, onlyRescored, words, unknown, phrases, excluded, understood, notice } =
    await searchPrompt(deps, input)
  return {
    query: input.prompt,
    count: results.length,
    results,
    exhausted,
    search: {
      words: [...words, ...unknown].map(({ lexemes, passageCount, insteadOf }) => ({
        word: lexemes,
        passages: passageCount,
        ...(insteadOf === undefined ? {} : { insteadOf }),
      })),
      understood,
      notice,
      phrases: [...phrases],
      excluded: [...excluded],
      onlyRescored: [...onlyRescored],
      vector: vectorMethod,
    },
  }
}
