import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { z } from 'zod'
import { type Embedder, EmbedderError } from './embedder.ts'
import { createModelThreads } from './model-threads.ts'

export interface FolderModel {
  readonly graph: string
  readonly tokenizer: string
  readonly mostTokens: number
  /** How the last layer's vectors, one a token, become one: their mean, or the first token's. */
  readonly pooling: 'mean' | 'first'
}

/** As Hugging Face's repositories of sentence transformers have them; the quantised one is twice as fast. */
export const graphs = ['onnx/model_quantized.onnx', 'onnx/model.onnx', 'model.onnx'] as const
/** The length that most of them read, where the folder does not say more. */
const usualTokens = 512

const Limits = z.looseObject({
  max_seq_length: z.number().optional(),
  max_position_embeddings: z.number().optional(),
  pooling_mode_cls_token: z.boolean().optional(),
})

/**
 * A sentence transformer that was downloaded into a folder: an ONNX graph, tokenizer.json and, where they are there, config.json,
 * sentence_bert_config.json and 1_Pooling/config.json. Questions and passages are read alike: a model that wants a prefix to each
 * ranks less well. Vectors are recorded under the name, by
 * default the folder's, and the graph's hash.
 *
 * @throws EmbedderError where the folder has no model that can be run.
 */
export async function openFolderEmbedder(
  folder: string,
  { name = basename(resolve(folder)), vectorWeight = 0.5 }: { name?: string; vectorWeight?: number } = {},
): Promise<Embedder> {
  const find = (name: string) => [join(folder, name)].find(existsSync)
  const graph = graphs.map(find).find((file) => file !== undefined)
  const tokenizer = find('tokenizer.json')
  if (graph === undefined || tokenizer === undefined) {
    const missing = graph === undefined ? graphs.join(', ') : 'tokenizer.json'
    throw new EmbedderError(`EMBEDDING_MODEL: the folder ${folder} has no ${missing}`)
  }
  const read = (name: string) => {
    const file = find(name)
    return file === undefined ? {} : Limits.parse(JSON.parse(readFileSync(file, 'utf8')))
  }
  const sentence = read('sentence_bert_config.json')
  const { max_position_embeddings: positions = usualTokens } = read('config.json')
  const mostTokens = sentence.max_seq_length ?? Math.min(usualTokens, positions)
  const pooling = read('1_Pooling/config.json').pooling_mode_cls_token ? 'first' : 'mean'
  const model: FolderModel = { graph, tokenizer, mostTokens, pooling }
  const threads = createModelThreads(new URL('./folder-model.worker.ts', import.meta.url), model)
  try {
    const [sample] = await threads.embed(['hello world'])
    if (sample === undefined)
      throw new EmbedderError(`EMBEDDING_MODEL: the model in ${folder} knows no word of English`)
    const hash = createHash('sha256').update(readFileSync(graph)).digest('hex').slice(0, 12)
    return { model: `${name}-${hash}`, dimension: sample.length, vectorWeight, ...threads }
  } catch (error) {
    await threads.close()
    throw error
  }
}
