import type { z } from 'zod'
import type { Deps } from '../context.ts'
import { type Embedder, EmbedderError } from '../embedding/embedder.ts'
import { readEmbeddedShare } from '../vectors/embedded-share.ts'
import { parsePrompt } from './parse-prompt.ts'
import { passageCondition } from './passage-filter.ts'
import { readQuestion } from './query-words.ts'
import type { RagAnswer, RagQuery } from './search.schema.ts'
import { search } from './search.ts'

type SearchDeps = Pick<Deps, 'db' | 'embedder' | 'embeddingModel'>

/** Takes the prompt apart, embeds it and searches. Without a vector, also where the embedder fails, it is searched by word alone. */
export async function searchPrompt(
  { db, embedder, embeddingModel: model }: SearchDeps,
  input: z.output<typeof RagQuery>,
) {
  const { text, phrases, excluded } = parsePrompt(input.prompt)
  const [{ corpus, words }, vector] = await Promise.all([readQuestion(db, text), embedQuestion(embedder, text)])
  const outcome = await search(db, {
    words,
    corpus,
    embedded: vector instanceof Float32Array ? { model, vector } : undefined,
    vectorWeight: embedder.vectorWeight,
    condition: passageCondition({ ...input, phrases, excluded }, corpus.searchConfigs),
    nResults: input.nResults,
    groupBy: input.groupBy,
  })
  const isByWordOnly = vector instanceof EmbedderError
  return { ...outcome, words, corpus, phrases, excluded, isByWordOnly }
}

/** The embedder's failure is a value here: it is told to the log, by whoever made the embedder, and the words go on. */
async function embedQuestion(embedder: Embedder, text: string): Promise<Float32Array | EmbedderError | undefined> {
  try {
    return (await embedder.embed([text]))[0]
  } catch (error) {
    if (error instanceof EmbedderError) return error
    throw error
  }
}

const byWordOnly = 'The embedding model cannot be reached right now: these results were found by word alone.'

export async function searchPassages(
  deps: SearchDeps,
  input: z.output<typeof RagQuery>,
): Promise<z.input<typeof RagAnswer>> {
  const [outcome, embeddedShare] = await Promise.all([
    searchPrompt(deps, input),
    readEmbeddedShare(deps.db, deps.embeddingModel),
  ])
  const { results, exhausted, vectorMethod, onlyRescored, words, phrases, excluded, isByWordOnly } = outcome
  return {
    query: input.prompt,
    count: results.length,
    results,
    exhausted,
    search: {
      words: words.map(({ lexemes, passageCount, insteadOf }) => ({
        word: lexemes,
        passages: passageCount,
        ...(insteadOf === undefined ? {} : { insteadOf }),
      })),
      phrases: [...phrases],
      excluded: [...excluded],
      onlyRescored: [...onlyRescored],
      vector: vectorMethod,
      embeddedShare,
      ...(isByWordOnly ? { notice: byWordOnly } : {}),
    },
  }
}
