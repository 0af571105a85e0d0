import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { workerData } from 'node:worker_threads'
import { toUnitLength } from '../embedder.ts'
import { loadOnce, type Model } from '../load-once.ts'
import type { LocalEmbedderOptions } from '../local-embedder.ts'
import { openSession } from '../onnx-runtime.ts'
import { createTokenReader } from '../tokens.ts'
import { buildGraph, mostTokens } from './graph.ts'
import { findModel, readPinned, readWeights } from './weights.ts'

// biome-ignore lint/style/noDefaultExport: piscina calls it
export default loadOnce(loadModel)

/** Some 0.5 s: a file with the finished graph would be no faster to load. */
async function loadModel(): Promise<Model> {
  const { modelFolder } = workerData as LocalEmbedderOptions
  const folder = modelFolder === undefined ? findModel() : new URL(modelFolder)
  const graph = buildGraph(readWeights(readPinned('model.fp16.safetensors', folder)))
  const tokensOf = createTokenReader(readPinned('tokenizer.json', folder).toString(), mostTokens)
  const { session, Tensor } = await openSession(graph)
  collectGarbage()
  const [output = ''] = session.outputNames
  return async (text) => {
    const tokens = isMostlyLatin(text) ? tokensOf(text) : undefined
    if (tokens === undefined) return undefined
    const ids = new Tensor('int64', BigInt64Array.from(tokens, BigInt), [tokens.length])
    const { [output]: mean } = await session.run({ tokens: ids })
    return toUnitLength(Float32Array.from(mean?.data as Float32Array))
  }
}

/** Weights and graph, which the session has copied: an idle thread would keep their 48 MB for good. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}

/** Of other scripts the model knows the letters alone. The beginning of a text speaks for it. */
function isMostlyLatin(text: string): boolean {
  const letters = text.slice(0, 5000).match(/\p{L}/gu) ?? []
  return 2 * letters.filter((letter) => /\p{Script=Latin}/u.test(letter)).length >= letters.length
}
