import { setImmediate as nextTurn } from 'node:timers/promises'
import { endpointName } from './endpoint-name.ts'

/** A language model that writes answers. */
export interface AnswerWriter {
  readonly model: string
  /**
   * The model's text, piece by piece, without the thoughts of a reasoning model.
   *
   * @throws WriterError where the text is not whole: the endpoint failed, or the model stopped before its end.
   */
  write(prompt: Prompt, signal: AbortSignal, listener?: WriterListener): AsyncIterable<string>
}

interface Prompt {
  readonly system: string
  readonly user: string
}

/** Hears what a text costs beside itself. What it throws ends the text. */
export interface WriterListener {
  /** The prompt is sent once more. */
  onRetry(): void
  /** A piece of thoughts, which are no part of the text. */
  onThought(piece: string): void
  /** All tokens of the last try, as the endpoint has counted them; many endpoints count none. */
  onUsage(tokens: number): void
}

/** The reason why a text is not whole: the endpoint failed, the text became too long, a filter stopped it, or it is unknown. */
export type WriterFailure = 'failed' | 'too long' | 'filtered' | 'stopped'

/** The text is not whole; where the endpoint failed, after its retries, the message names the settings to check. */
export class WriterError extends Error {
  override readonly name = 'WriterError'
  readonly failure: WriterFailure

  constructor(message: string, { failure = 'failed', cause }: { failure?: WriterFailure; cause?: unknown } = {}) {
    super(message, { cause })
    this.failure = failure
  }
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
  /** Thoughts included. Default 2,000: the six sentences that the prompt asks for take some 300. */
  readonly maxOutputTokens?: number
}

/** Characters of output a token, twice what English takes: the bound for an endpoint that knows no `max_tokens`. */
const maxTokenLength = 8
/** Finish reasons of other endpoints than OpenAI's for the model's own end. */
const ownEnds = new Set(['eos', 'eos_token', 'end_turn', 'stop_sequence'])

/** Any endpoint that speaks OpenAI's `/chat/completions`. */
export function createOpenAiWriter(options: OpenAiWriterOptions): AnswerWriter {
  const { baseUrl, apiKey, model, maxRetries = 2, timeoutMs = 60_000, maxOutputTokens = 2000 } = options
  return {
    model,
    async *write({ system, user }, signal, listener) {
      // Loaded when the first answer is written: most servers start without a language model.
      const [{ createOpenAICompatible }, { extractReasoningMiddleware, streamText, wrapLanguageModel }] =
        await Promise.all([import('@ai-sdk/openai-compatible'), import('ai')])
      let tries = 0
      const provider = createOpenAICompatible({
        name: 'answer',
        baseURL: baseUrl,
        ...(apiKey === undefined ? {} : { apiKey }),
        includeUsage: true,
        fetch: (...request) => {
          if (tries++ > 0) listener?.onRetry()
          return fetch(...request)
        },
      })
      let failure: unknown
      const timeout = AbortSignal.timeout(timeoutMs)
      const enough = new AbortController()
      const { stream } = streamText({
        model: wrapLanguageModel({
          model: provider.chatModel(model),
          middleware: extractReasoningMiddleware({ tagName: 'think' }),
        }),
        system,
        prompt: user,
        // The same question over the same passages should get the same answer.
        temperature: 0,
        maxOutputTokens,
        maxRetries,
        abortSignal: AbortSignal.any([signal, timeout, enough.signal]),
        // The stream would otherwise just end, and the error go to the console.
        onError: ({ error }) => {
          failure = error
        },
      })
      let length = 0
      let end: { finishReason: string; rawFinishReason: string | undefined } | undefined
      try {
        for await (const part of stream) {
          if (part.type === 'finish') {
            end = part
            if (part.totalUsage.totalTokens !== undefined) listener?.onUsage(part.totalUsage.totalTokens)
          }
          if (part.type !== 'text-delta' && part.type !== 'reasoning-delta') continue
          length += part.text.length
          if (length > maxOutputTokens * maxTokenLength) throw cutShort('too long')
          if (part.type === 'text-delta') yield part.text
          else listener?.onThought(part.text)
          // Thousands of tokens that come at once would otherwise be read in one turn, while other requests wait.
          await nextTurn()
        }
      } finally {
        // The endpoint would otherwise go on writing for nobody.
        enough.abort()
      }
      signal.throwIfAborted()
      if (failure !== undefined || timeout.aborted) {
        const reason = timeout.aborted ? `no whole answer within ${timeoutMs} ms` : messageOf(failure)
        throw new WriterError(
          `The language model ${model} at ${endpointName(baseUrl)} failed: ${reason}. Check LLM_BASE_URL, LLM_MODEL and LLM_API_KEY.`,
          { cause: failure },
        )
      }
      if (end?.finishReason === 'length') throw cutShort('too long')
      if (end?.finishReason === 'content-filter') throw cutShort('filtered')
      if (end?.finishReason !== 'stop' && !ownEnds.has(end?.rawFinishReason ?? '')) throw cutShort('stopped')
    },
  }
}

function cutShort(failure: WriterFailure): WriterError {
  return new WriterError(`The language model's text is not whole: ${failure}`, { failure })
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '')
}
