import type { z } from 'zod'
import type { Deps } from '../context.ts'
import { parsePrompt } from './parse-prompt.ts'
import { passageCondition } from './passage-filter.ts'
import { readQuestion } from './query-words.ts'
import type { RagAnswer, RagQuery } from './search.schema.ts'
import { search } from './search.ts'

type SearchDeps = Pick<Deps, 'db' | 'embedder' | 'embeddingModel'>

/** Takes the prompt apart, embeds it and searches. A prompt without a vector is searched by word alone. */
export async function searchPrompt(
  { db, embedder, embeddingModel: model }: SearchDeps,
  input: z.output<typeof RagQuery>,
) {
  const { text, phrases, excluded } = parsePrompt(input.prompt)
  const [{ corpus, words, unknown }, [vector]] = await Promise.all([readQuestion(db, text), embedder.embed([text])])
  const outcome = await search(db, {
    words,
    unknown,
    corpus,
    embedded: vector === undefined ? undefined : { model, vector },
    vectorWeight: embedder.vectorWeight,
    condition: passageCondition({ ...input, phrases, excluded }, corpus.searchConfigs),
    nResults: input.nResults,
    groupBy: input.groupBy,
  })
  return { ...outcome, words, unknown, corpus, phrases, excluded, vector }
}

export async function searchPassages(
  deps: SearchDeps,
  input: z.output<typeof RagQuery>,
): Promise<z.input<typeof RagAnswer>> {
  const { results, exhausted, vectorMethod, onlyRescored, words, unknown, phrases, excluded } = await searchPrompt(
    deps,
    input,
  )
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
      phrases: [...phrases],
      excluded: [...excluded],
      onlyRescored: [...onlyRescored],
      vector: vectorMethod,
    },
  }
}
