import { availableParallelism } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import type { Deps } from '../context.ts'
import { EmbedderError } from '../embedding/embedder.ts'
import { invalidating } from '../invalidating.ts'
import { embeddingText } from './embedding-text.ts'
import {
  claimPassages,
  type ReadPassage,
  releasePassages,
  storeVectors,
  type WaitingPassage,
} from './waiting-passages.ts'

export type EmbeddingDeps = Pick<Deps, 'db' | 'cache' | 'embedder' | 'embeddingModel'>

/** Passages of one claim: a second of work, or less, after which others have their turn. */
const batchSize = 16

export interface EmbedPassagesOptions {
  readonly signal?: AbortSignal | undefined
  /** After every batch, with the passages read since the call. */
  readonly onProgress?: (read: number) => void
  /** The model does not take a passage's text: it stays without a vector, and is found by word. */
  readonly onRefused?: (passage: WaitingPassage, error: EmbedderError) => void
}

/**
 * Gives passages their vectors, the newest first, until no passage waits that nobody else is at work on. Stopped or killed at
 * any moment, it leaves the rest to the next one; several at once share the work. Returns how many passages it has read.
 *
 * @throws EmbedderError where the model fails for every passage.
 */
export async function embedPassages(deps: EmbeddingDeps, options: EmbedPassagesOptions = {}): Promise<number> {
  const { signal, onProgress = () => {} } = options
  let read = 0
  while (!signal?.aborted) {
    const startedAt = performance.now()
    const passages = await claimPassages(deps.db, deps.embeddingModel, batchSize)
    if (passages.length === 0) break
    await embedBatch(deps, passages, options)
    if (signal?.aborted) break
    read += passages.length
    onProgress(read)
    // A single core goes to requests every other moment.
    await setTimeout(availableParallelism() === 1 ? performance.now() - startedAt : 0)
  }
  return read
}

async function embedBatch(
  deps: EmbeddingDeps,
  passages: readonly WaitingPassage[],
  { signal, onRefused = () => {} }: EmbedPassagesOptions,
): Promise<void> {
  const refused: EmbedderError[] = []
  try {
    const read = await readPassages(deps, passages, signal, (passage, error) => {
      refused.push(error)
      onRefused(passage, error)
    })
    // Then it is the settings that are at fault, and every other batch would end like this one.
    if (refused.length > 1 && refused.length === passages.length) throw refused[0]
    await invalidating(deps, (writer) => storeVectors(writer, deps.embeddingModel, read))
  } catch (error) {
    // Refused ones stay claimed until their time has run out, so that the older passages have their turn.
    if (refused.length < passages.length) {
      await releasePassages(
        deps.db,
        passages.map(({ chunkId }) => chunkId),
      )
    }
    if (!signal?.aborted) throw error
  }
}

/** Where the model refuses a text, halves of the batch tell whose it is. */
async function readPassages(
  deps: EmbeddingDeps,
  passages: readonly WaitingPassage[],
  signal: AbortSignal | undefined,
  onRefused: (passage: WaitingPassage, error: EmbedderError) => void,
): Promise<ReadPassage[]> {
  try {
    const texts = passages.map(({ title, text }) => embeddingText(title, text))
    const vectors = await deps.embedder.embed(texts, { signal, background: true })
    return passages.map(({ chunkId }, at) => ({ chunkId, vector: vectors[at] }))
  } catch (error) {
    if (!(error instanceof EmbedderError) || !error.refusesText) throw error
    const [passage, ...others] = passages
    if (passage !== undefined && others.length === 0) {
      onRefused(passage, error)
      return [{ chunkId: passage.chunkId, vector: undefined }]
    }
    const half = Math.ceil(passages.length / 2)
    const first = await readPassages(deps, passages.slice(0, half), signal, onRefused)
    return [...first, ...(await readPassages(deps, passages.slice(half), signal, onRefused))]
  }
}
