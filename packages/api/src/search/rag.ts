import type { z } from 'zod'
import type { Deps } from '../context.ts'
import { type ParsedPrompt, parsePrompt } from './parse-prompt.ts'
import { passageCondition } from './passage-filter.ts'
import { readQuestion } from './query-words.ts'
import type { RagAnswer, RagQuery } from './search.schema.ts'
import { search } from './search.ts'
import { readForeign, type UnderstoodPrompt, understandPrompt } from './understand.ts'

type SearchDeps = Pick<Deps, 'db' | 'embedder' | 'embeddingModel'>

/**
 * Takes the prompt apart, embeds it and searches. A prompt without a vector is searched by word alone. What was understood as a filter
 * and keeps everything out was meant otherwise: then its words are searched for.
 */
export async function searchPrompt(deps: SearchDeps, input: z.output<typeof RagQuery>) {
  const { text, phrases, excluded } = parsePrompt(input.prompt)
  const read = await understandPrompt(deps.db, text, { given: input, asWords: input.asWords })
  const found = await searchUnderstood(deps, input, { ...read, phrases, excluded })
  if (found.results.length > 0 || read.understood.length === 0) return found
  return searchUnderstood(deps, input, { text, understood: [], filter: {}, phrases, excluded })
}

async function searchUnderstood(
  { db, embedder, embeddingModel: model }: SearchDeps,
  input: z.output<typeof RagQuery>,
  read: UnderstoodPrompt & Pick<ParsedPrompt, 'phrases' | 'excluded'>,
) {
  const { phrases, excluded, understood } = read
  const [native, [vector]] = await Promise.all([readQuestion(db, read.text), embedder.embed([read.text])])
  const foreign = await readForeign(db, read.text, native.corpus.searchConfigs)
  const question = foreign === undefined ? native : await readQuestion(db, foreign.text)
  const outcome = await search(db, {
    ...question,
    embedded: vector === undefined ? undefined : { model, vector },
    vectorWeight: embedder.vectorWeight,
    condition: passageCondition({ ...input, ...read.filter, phrases, excluded }, question.corpus.searchConfigs),
    nResults: input.nResults,
    groupBy: input.groupBy,
  })
  const notice = foreign?.notice ?? null
  return { ...outcome, ...question, phrases, excluded, vector, understood: [...understood], notice }
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
