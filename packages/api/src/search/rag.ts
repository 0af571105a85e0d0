import type { Platform } from '@extropy/db'
import type { z } from 'zod'
import type { Deps } from '../context.ts'
import { type Embedder, EmbedderError } from '../embedding/embedder.ts'
import { readEmbeddedShare } from '../vectors/embedded-share.ts'
import { type ParsedPrompt, parsePrompt } from './parse-prompt.ts'
import { passageCondition } from './passage-filter.ts'
import { readQuestion } from './query-words.ts'
import type { RagAnswer, RagQuery } from './search.schema.ts'
import { search } from './search.ts'
import { readForeign, type UnderstoodPrompt, understandPrompt } from './understand.ts'

/** A query, which may ask several platforms at once. */
export type Prompt = z.output<typeof RagQuery> & { readonly platforms?: readonly Platform[] }

type SearchDeps = Pick<Deps, 'db' | 'embedder' | 'embeddingModel'>

/**
 * Takes the prompt apart, embeds it and searches. Without a vector, also where the embedder fails, it is searched by word alone. What was understood as a filter
 * and keeps everything out was meant otherwise: then its words are searched for.
 */
export async function searchPrompt(deps: SearchDeps, input: Prompt) {
  const { text, phrases, excluded } = parsePrompt(input.prompt)
  const read = await understandPrompt(deps.db, text, { given: input, asWords: input.asWords })
  const found = await searchUnderstood(deps, input, { ...read, phrases, excluded })
  if (found.results.length > 0 || read.understood.length === 0) return found
  return searchUnderstood(deps, input, { text, understood: [], filter: {}, phrases, excluded })
}

async function searchUnderstood(
  { db, embedder, embeddingModel: model }: SearchDeps,
  input: Prompt,
  read: UnderstoodPrompt & Pick<ParsedPrompt, 'phrases' | 'excluded'>,
) {
  const { phrases, excluded, understood } = read
  const [native, embedded] = await Promise.all([readQuestion(db, read.text), embedQuestion(embedder, read.text)])
  const vector = embedded instanceof Float32Array ? embedded : undefined
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
  const notices = [foreign?.notice, embedded instanceof EmbedderError ? byWordOnly : undefined]
  const notice = notices.filter((each) => each !== undefined).join(' ') || null
  return { ...outcome, ...question, phrases, excluded, vector, understood: [...understood], notice }
}

/** The embedder's failure is a value here: the embedder's maker logs it, and the words go on. */
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
  const { results, exhausted, vectorMethod, onlyRescored, words, unknown, phrases, excluded, understood, notice } =
    outcome
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
      embeddedShare,
    },
  }
}
