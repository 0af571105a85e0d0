import { endpointName } from '../language-model/endpoint-name.ts'
import { type Embedder, EmbedderError, toUnitLength } from './embedder.ts'

export interface OpenAiEmbedderOptions {
  /** Up to and with the version, e.g. `https://api.openai.com/v1` or `http://localhost:11434/v1` (Ollama). */
  readonly baseUrl: string
  readonly apiKey?: string
  readonly model: string
  /** The length of the model's vectors; an answer of another length is an error. */
  readonly dimension: number
  /** See `Embedder`. Default 0.5, both legs alike: `pnpm bench retrieval` measures it for a model. */
  readonly vectorWeight?: number
  /** Texts per request. Default 96. */
  readonly batchSize?: number
  /** Tries after the first, with exponential backoff, on 408, 409, 429, 5xx and lost connections. Default 3. */
  readonly maxRetries?: number
  /** For one request, its retries included. Default 60 s. */
  readonly timeoutMs?: number
}

/** Bad request, too large, unprocessable: what endpoints answer to a text that is too long for the model. */
const refusals = new Set<number | undefined>([400, 413, 422])

/** Any endpoint that speaks OpenAI's `/embeddings`: OpenAI, Ollama, vLLM and others. */
export function createOpenAiEmbedder(options: OpenAiEmbedderOptions): Embedder {
  const { baseUrl, apiKey, model, dimension, batchSize = 96, maxRetries = 3 } = options
  const { vectorWeight = 0.5, timeoutMs = 60_000 } = options

  async function request(values: string[], signal: AbortSignal | undefined): Promise<number[][]> {
    // Loaded with the first request: most servers embed by themselves.
    const [{ createOpenAICompatible }, { APICallError, embedMany }] = await Promise.all([
      import('@ai-sdk/openai-compatible'),
      import('ai'),
    ])
    const provider = createOpenAICompatible({
      name: 'embedding',
      baseURL: baseUrl,
      ...(apiKey === undefined ? {} : { apiKey }),
    })
    const timeout = AbortSignal.timeout(timeoutMs)
    const abortSignal = signal ? AbortSignal.any([signal, timeout]) : timeout
    try {
      const { embeddings } = await embedMany({ model: provider.embeddingModel(model), values, maxRetries, abortSignal })
      return embeddings
    } catch (cause) {
      const reason = abortSignal.reason?.name === 'TimeoutError' ? `no answer within ${timeoutMs} ms` : messageOf(cause)
      throw new EmbedderError(
        `The embedding endpoint ${endpointName(baseUrl)} (model ${model}) failed: ${reason}. Check EMBEDDING_BASE_URL, EMBEDDING_MODEL and EMBEDDING_API_KEY.`,
        { cause, refusesText: APICallError.isInstance(cause) && refusals.has(cause.statusCode) },
      )
    }
  }

  return {
    model,
    dimension,
    vectorWeight,
    async embed(texts, { signal } = {}) {
      const vectors: number[][] = []
      for (let start = 0; start < texts.length; start += batchSize) {
        vectors.push(...(await request(texts.slice(start, start + batchSize), signal)))
      }
      return vectors.map((vector) => {
        if (vector.length === dimension) return toUnitLength(Float32Array.from(vector))
        throw new EmbedderError(
          `The model ${model} answered with ${vector.length} numbers a vector, but EMBEDDING_DIMENSION is ${dimension}. Set EMBEDDING_DIMENSION=${vector.length}.`,
        )
      })
    },
    close: async () => {},
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
