import { workerData } from 'node:worker_threads'
import { toUnitLength } from '../embedder.ts'
import type { LocalEmbedderOptions } from '../local-embedder.ts'
import { buildGraph, mostTokens } from './graph.ts'
import { createTokenReader } from './tokens.ts'
import { findModel, readPinned, readWeights } from './weights.ts'

type Model = (text: string) => Promise<Float32Array | undefined>
let model: Promise<Model> | undefined

// Piscina calls a worker's default export. Loading belongs to the first call, so that its failure is that call's, and
// the next one tries again. An empty text only loads.
// biome-ignore lint/style/noDefaultExport: see above
export default async function embed(text: string): Promise<Float32Array | undefined> {
  model ??= loadModel()
  try {
    return await (await model)(text)
  } catch (error) {
    model = undefined
    throw error
  }
}

/** Some 0.5 s: a file with the finished graph would be no faster to load. */
async function loadModel(): Promise<Model> {
  const { modelFolder } = workerData as LocalEmbedderOptions
  const folder = modelFolder === undefined ? findModel() : new URL(modelFolder)
  const graph = buildGraph(readWeights(readPinned('model.fp16.safetensors', folder)))
  const tokensOf = createTokenReader(readPinned('tokenizer.json', folder).toString(), mostTokens)
  const { InferenceSession, Tensor } = await loadRuntime()
  // One thread each: as many workers as there are cores do more than one session on all of them.
  const session = await InferenceSession.create(graph, { intraOpNumThreads: 1, interOpNumThreads: 1 })
  const [output = ''] = session.outputNames
  return async (text) => {
    const tokens = tokensOf(text)
    if (tokens === undefined) return undefined
    const ids = new Tensor('int64', BigInt64Array.from(tokens, BigInt), [tokens.length])
    const { [output]: mean } = await session.run({ tokens: ids })
    return toUnitLength(Float32Array.from(mean?.data as Float32Array))
  }
}

/** Has no binary for some machines, such as Intel Macs and Alpine Linux. */
async function loadRuntime() {
  try {
    return await import('onnxruntime-node')
  } catch (cause) {
    const machine = `${process.platform} ${process.arch}`
    throw new Error(`onnxruntime-node does not run on this machine (${machine}): ${(cause as Error).message}`, {
      cause,
    })
  }
}
