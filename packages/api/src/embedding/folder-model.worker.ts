import { readFileSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import { toUnitLength } from './embedder.ts'
import type { FolderModel } from './folder-embedder.ts'
import { loadOnce, type Model } from './load-once.ts'
import { openSession } from './onnx-runtime.ts'
import { createTokenReader } from './tokens.ts'

// biome-ignore lint/style/noDefaultExport: piscina calls it
export default loadOnce(loadModel)

async function loadModel(): Promise<Model> {
  const { graph, tokenizer, mostTokens, pooling } = workerData as FolderModel
  const tokensOf = createTokenReader(readFileSync(tokenizer, 'utf8'), mostTokens)
  const { session, Tensor } = await openSession(graph)
  const output = session.outputNames.includes('sentence_embedding') ? 'sentence_embedding' : session.outputNames[0]
  return async (text) => {
    const tokens = tokensOf(text)
    if (tokens === undefined || output === undefined) return undefined
    const shape = [1, tokens.length]
    const inputs = {
      input_ids: BigInt64Array.from(tokens, BigInt),
      attention_mask: new BigInt64Array(tokens.length).fill(1n),
      token_type_ids: new BigInt64Array(tokens.length),
    }
    const given = Object.entries(inputs).filter(([name]) => session.inputNames.includes(name))
    const feeds = Object.fromEntries(given.map(([name, values]) => [name, new Tensor('int64', values, shape)]))
    const { [output]: answer } = await session.run(feeds)
    const values = Float32Array.from(answer?.data as Float32Array)
    const isByToken = answer?.dims.length === 3
    return toUnitLength(isByToken ? pool(values, tokens.length, pooling) : values)
  }
}

/** Token by token, as the model's last layer has it, to one vector. */
function pool(values: Float32Array, tokens: number, pooling: FolderModel['pooling']): Float32Array {
  const dimension = values.length / tokens
  const first = values.slice(0, dimension)
  if (pooling === 'first') return first
  return first.map((_, at) => {
    let sum = 0
    for (let place = at; place < values.length; place += dimension) sum += values[place] ?? 0
    return sum / tokens
  })
}
