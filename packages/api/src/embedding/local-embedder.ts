import type { Embedder } from './embedder.ts'
import { dimension } from './minilm/graph.ts'
import { createModelThreads } from './model-threads.ts'
import type { Runtime } from './onnx-runtime.ts'

export interface LocalEmbedderOptions {
  /** A folder with the model's files, its URL with a / at the end. Default: the installed package's. */
  readonly modelFolder?: string
  /** Default: the native one where it runs. */
  readonly runtime?: Runtime
}

/**
 * The embedder that needs no network, no key and no graphics card: all-MiniLM-L6-v2. It knows English; of a longer text it reads
 * the first 512 tokens, and one in another script than the Latin has no vector.
 */
export function createLocalEmbedder(options: LocalEmbedderOptions = {}): Embedder {
  return {
    model: 'all-MiniLM-L6-v2-int8',
    dimension,
    // Decision 41: chosen on one judged collection, reported on another.
    vectorWeight: 0.55,
    ...createModelThreads(new URL('./minilm/minilm.worker.ts', import.meta.url), options),
  }
}
