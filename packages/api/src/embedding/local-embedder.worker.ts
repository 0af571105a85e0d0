import { workerData } from 'node:worker_threads'
import { createLocalModel } from './local-model.ts'
import { loadWordVectors } from './word-vectors.ts'

let model: ReturnType<typeof createLocalModel> | undefined

// Piscina calls a worker's default export. Loading belongs to the first call, so that its failure is that call's, and
// the next one tries again.
// biome-ignore lint/style/noDefaultExport: see above
export default function embed(texts: readonly string[]): (Float32Array | undefined)[] {
  model ??= createLocalModel(loadWordVectors((workerData as { cacheDir: string }).cacheDir))
  return texts.map(model)
}
