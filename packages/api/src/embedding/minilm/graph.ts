import { createGraphWriter, elementTypes, type GraphWriter } from './onnx.ts'
import { type Tensor, toFloats, type Weights } from './weights.ts'

/** all-MiniLM-L6-v2, a BERT of six layers: what its config.json says. */
const layers = 6
const heads = 12
const epsilon = 1e-12
export const dimension = 384
/** Tokens that it reads of a text, the two that frame it included. */
export const mostTokens = 512

/**
 * The model as an ONNX graph for one text, its tokens (int64) to the mean of the last layer. One text has no neighbours to
 * be padded to, so that there is no mask, and its vector depends on itself alone. Dense layers are computed in 8-bit
 * integers, weights scaled by output channel, their inputs by each call: half the time of floats, the same ranking
 * (decision 2).
 */
export function buildGraph(weights: Weights): Uint8Array {
  const graph = createGraphWriter()
  const { node } = graph
  const tensor = (name: string): Tensor => {
    const found = weights.get(name)
    if (found === undefined) throw new Error(`the weights have no ${name}`)
    return found
  }
  const floats = (name: string) => graph.constant('float', tensor(name).dims, toFloats(tensor(name).halves))
  const integers = (...values: number[]) => graph.constant('int64', [values.length], BigInt64Array.from(values, BigInt))
  const add = (a: string, b: string) => node('Add', [a, b])
  const normalise = (value: string, name: string) =>
    node('LayerNormalization', [value, floats(`${name}.weight`), floats(`${name}.bias`)], {
      axis: -1,
      epsilon: { float: epsilon },
    })
  const dense = (value: string, ...names: readonly string[]) =>
    denseLayer(
      graph,
      value,
      names.map((name) => ({ weight: tensor(`${name}.weight`), bias: tensor(`${name}.bias`) })),
    )

  const words = tensor('embeddings.word_embeddings.weight')
  const wordTable = graph.constant('float16', words.dims, words.halves)
  const wordVectors = node('Cast', [node('Gather', [wordTable, 'tokens'])], { to: elementTypes.float })
  // Every token is of the first segment: what marks it is in the places' vectors.
  const segment = toFloats(tensor('embeddings.token_type_embeddings.weight').halves)
  const positions = toFloats(tensor('embeddings.position_embeddings.weight').halves).map(
    (component, at) => component + (segment[at % dimension] ?? 0),
  )
  const positionTable = graph.constant('float', [mostTokens, dimension], positions)
  const places = node('Slice', [positionTable, integers(0), node('Shape', ['tokens'])])
  let hidden = normalise(add(wordVectors, places), 'embeddings.LayerNorm')

  const perHead = integers(-1, heads, dimension / heads)
  const joined = integers(-1, dimension)
  const scale = graph.constant('float', [], Float32Array.of(Math.sqrt(heads / dimension)))
  const byHead = (value: string, order: readonly number[]) =>
    node('Transpose', [node('Reshape', [value, perHead])], { perm: order })
  for (let layer = 0; layer < layers; layer++) {
    const name = `encoder.layer.${layer}`
    const self = `${name}.attention.self`
    const projected = dense(hidden, `${self}.query`, `${self}.key`, `${self}.value`)
    const [query, key, value] = graph.split(projected, [dimension, dimension, dimension])
    const similarity = node('MatMul', [byHead(query, [1, 0, 2]), byHead(key, [1, 2, 0])])
    const attention = node('Softmax', [node('Mul', [similarity, scale])], { axis: -1 })
    const context = node('MatMul', [attention, byHead(value, [1, 0, 2])])
    const seen = node('Reshape', [node('Transpose', [context], { perm: [1, 0, 2] }), joined])
    const attended = `${name}.attention.output`
    hidden = normalise(add(dense(seen, `${attended}.dense`), hidden), `${attended}.LayerNorm`)
    const inner = node('Gelu', [dense(hidden, `${name}.intermediate.dense`)])
    hidden = normalise(add(dense(inner, `${name}.output.dense`), hidden), `${name}.output.LayerNorm`)
  }
  const mean = node('ReduceMean', [hidden, integers(0)], { keepdims: 0 })
  return graph.finish(
    { name: 'tokens', type: 'int64', dims: ['length'] },
    { name: mean, type: 'float', dims: [dimension] },
  )
}

interface Dense {
  /** One row an output channel. */
  readonly weight: Tensor
  readonly bias: Tensor
}

/** Layers of one input, side by side. ONNX Runtime makes one operation of these nodes. */
function denseLayer(graph: GraphWriter, input: string, layers: readonly Dense[]): string {
  const inputs = layers[0]?.weight.dims[1] ?? 0
  const outputs = layers.reduce((sum, { weight }) => sum + (weight.dims[0] ?? 0), 0)
  const quantised = new Int8Array(inputs * outputs)
  const scales = new Float32Array(outputs)
  let channel = 0
  for (const { weight } of layers) {
    const floats = toFloats(weight.halves)
    for (let from = 0; from < floats.length; from += inputs, channel++) {
      let largest = 0
      for (let at = from; at < from + inputs; at++) largest = Math.max(largest, Math.abs(floats[at] ?? 0))
      const step = largest / 127 || 1
      scales[channel] = step
      for (let at = 0, to = channel; at < inputs; at++, to += outputs) {
        quantised[to] = Math.round((floats[from + at] ?? 0) / step)
      }
    }
  }
  const [bytes, step, zero] = graph.quantise(input)
  const product = graph.node('MatMulInteger', [bytes, graph.constant('int8', [inputs, outputs], quantised), zero])
  const steps = graph.node('Mul', [step, graph.constant('float', [outputs], scales)])
  const scaled = graph.node('Mul', [graph.node('Cast', [product], { to: elementTypes.float }), steps])
  const bias = Float32Array.from(layers.flatMap((layer) => Array.from(toFloats(layer.bias.halves))))
  return graph.node('Add', [scaled, graph.constant('float', [outputs], bias)])
}
