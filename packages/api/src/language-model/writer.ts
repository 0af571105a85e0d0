/** A language model that writes answers. */
export interface AnswerWriter {
  readonly model: string
  /**
   * The model's text, piece by piece.
   *
   * @throws WriterError when the endpoint cannot answer, before or in the middle of the text.
   */
  write(prompt: { system: string; user: string }, signal: AbortSignal): AsyncIterable<string>
}

/** The language model failed, after its retries; the message says what to check. */
export class WriterError extends Error {
  override readonly name = 'WriterError'
}

export interface OpenAiWriterOptions {
  /** Up to and with the version, e.g. `https://api.openai.com/v1` or `http://localhost:11434/v1` (Ollama). */
  readonly baseUrl: string
  readonly apiKey?: string
  readonly model: string
  /** Tries after the first, with exponential backoff. Default 2. */
  readonly maxRetries?: number
  /** For a whole answer. Default 60 s. */
  readonly timeoutMs?: number
}

/** Any endpoint that speaks OpenAI's `/chat/completions`. */
export function createOpenAiWriter(options: OpenAiWriterOptions): AnswerWriter {
  const { baseUrl, apiKey, model, maxRetries = 2, timeoutMs = 60_000 } = options
  return {
    model,
    async *write({ system, user }, signal) {
      // Loaded when the first answer is written: most servers start without a language model.
      const [{ createOpenAICompatible }, { streamText }] = await Promise.all([
        import('@ai-sdk/openai-compatible'),
        import('ai'),
      ])
      const provider = createOpenAICompatible({
        name: 'answer',
        baseURL: baseUrl,
        ...(apiKey === undefined ? {} : { apiKey }),
      })
      let failure: unknown
      const timeout = AbortSignal.timeout(timeoutMs)
      const { textStream } = streamText({
        model: provider.chatModel(model),
        system,
        prompt: user,
        // The same question over the same passages should get the same answer.
        temperature: 0,
        maxRetries,
        abortSignal: AbortSignal.any([signal, timeout]),
        // The stream would otherwise just end, and the error go to the console.
        onError: ({ error }) => {
          failure = error
        },
      })
      yield* textStream
      signal.throwIfAborted()
      if (failure !== undefined || timeout.aborted) {
        const reason = timeout.aborted ? `no whole answer within ${timeoutMs} ms` : messageOf(failure)
        throw new WriterError(
          `The language model ${model} at ${baseUrl} failed: ${reason}. Check LLM_BASE_URL, LLM_MODEL and LLM_API_KEY.`,
          { cause: failure },
        )
      }
    },
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
