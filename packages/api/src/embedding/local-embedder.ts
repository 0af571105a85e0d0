import { availableParallelism } from 'node:os'
import { Piscina } from 'piscina'
import { untilAborted } from '../until-aborted.ts'
import { type Embedder, EmbedderError } from './embedder.ts'
import { dimension } from './minilm/graph.ts'

/** After so long without passages their threads, with a model each, go. */
const idleMs = 10_000

export interface LocalEmbedderOptions {
  /** A folder with the model's files, its URL with a / at the end. Default: the installed package's. */
  readonly modelFolder?: string
}

/**
 * The embedder that needs no network, no key and no graphics card: all-MiniLM-L6-v2 in threads of its own. One is for
 * questions alone, which never wait behind passages; passages leave a core to the rest of the server. It knows English; of a
 * longer text it reads the first 512 tokens.
 */
export function createLocalEmbedder(options: LocalEmbedderOptions = {}): Embedder {
  const filename = new URL('./minilm/minilm.worker.ts', import.meta.url).href
  const questions = new Piscina({ filename, workerData: options, minThreads: 1, maxThreads: 1 })
  const passages = new Piscina({
    filename,
    workerData: options,
    minThreads: 0,
    maxThreads: Math.max(1, availableParallelism() - 1),
    idleTimeout: idleMs,
  })
  // Loads the model while nobody waits yet; where that fails, the first real call says so.
  questions.run('').catch(() => {})
  return {
    model: 'all-MiniLM-L6-v2-int8',
    dimension,
    vectorWeight: 0.5,
    async embed(texts, { signal, background = false } = {}) {
      const threads = background ? passages : questions
      try {
        // Text by text: a batch would be no faster, and vectors would depend on their neighbours.
        return await untilAborted(Promise.all(texts.map((text) => threads.run(text))), signal)
      } catch (cause) {
        if (signal?.aborted) throw cause
        throw new EmbedderError(`The local embedder failed: ${(cause as Error).message}`, { cause })
      }
    },
    async close() {
      await Promise.all([questions.destroy(), passages.destroy()])
    },
  }
}
