import { Piscina } from 'piscina'
import { type Embedder, EmbedderError } from './embedder.ts'
import { dimension } from './word-vectors.ts'

export interface LocalEmbedderOptions {
  /** Where the compact word vectors are kept: 38 MB, made on first use. */
  readonly cacheDir: string
}

/**
 * The embedder that needs no network and no key: averaged word vectors, in a thread of their own so that the event loop
 * never waits for them. English only; a text in another language mostly has no vector and is found by word.
 */
export function createLocalEmbedder({ cacheDir }: LocalEmbedderOptions): Embedder {
  const thread = new Piscina({
    filename: new URL('./local-embedder.worker.ts', import.meta.url).href,
    minThreads: 1,
    maxThreads: 1,
    workerData: { cacheDir },
  })
  // Loads the model while nobody waits yet; where that fails, the first real call says so.
  thread.run([]).catch(() => {})
  return {
    model: 'wink-sg-100d-sif-1',
    dimension,
    // Decision 41: gains on both judged collections, and does least harm elsewhere.
    vectorWeight: 0.2,
    async embed(texts, { signal } = {}) {
      try {
        return await thread.run(texts, signal ? { signal } : {})
      } catch (cause) {
        if (signal?.aborted) throw cause
        const reason = (cause as Error).message
        throw new EmbedderError(`The local embedder failed: ${reason}. Check MODEL_CACHE_DIR (${cacheDir}).`, { cause })
      }
    },
    close: () => thread.close(),
  }
}
