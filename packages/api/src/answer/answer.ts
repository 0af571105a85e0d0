import type { z } from 'zod'
import type { Deps } from '../context.ts'
import { AppError } from '../errors.ts'
import { WriterError, type WriterFailure } from '../language-model/writer.ts'
import { searchPrompt } from '../search/rag.ts'
import type { AnswerEvent, Question } from './answer.schema.ts'
import { citeSentences } from './citations.ts'
import { extractAnswer } from './extract.ts'
import { answerPrompt } from './prompt.ts'

interface AnswerOptions {
  readonly signal: AbortSignal
  /** Told why the language model failed: the message names endpoint and settings, which are not for the caller. */
  readonly onWriterError: (error: WriterError) => void
}

/** What became of a model's answer that is not whole, after "The language model". */
const failures = {
  failed: 'failed',
  'too long': 'reached the limit of its length',
  filtered: 'was stopped by its content filter',
  stopped: 'stopped',
} as const satisfies Record<WriterFailure, string>

/**
 * Answers a question from the passages that a search finds, sentence by sentence, each with the passages that it cites. Without a
 * language model, or where none of its sentences came, the answer is extracted, and says so.
 */
export async function answerQuestion(
  deps: Deps,
  input: z.output<typeof Question>,
  options: AnswerOptions,
): Promise<AsyncGenerator<AnswerEvent>> {
  // Before the stream begins: a search that fails is an error like any other, with its status.
  const found = await searchPrompt(deps, input).catch((cause: unknown) => {
    // An aborted request says why in words of node's own, which nothing else would know for what they are.
    throw options.signal.aborted ? new AppError('caller_gone', 'The caller has gone.', { cause }) : cause
  })
  return writeAnswer(deps, input.prompt, found, options)
}

async function* writeAnswer(
  deps: Deps,
  question: string,
  found: Awaited<ReturnType<typeof searchPrompt>>,
  { signal, onWriterError }: AnswerOptions,
): AsyncGenerator<AnswerEvent> {
  const { writer } = deps
  const { results } = found
  yield {
    type: 'passages',
    passages: results.map(({ rank, passage, content, fusedScore }) => ({ rank, passage, content, fusedScore })),
  }
  let notice: string | null = null
  if (writer !== undefined && results.length > 0) {
    const written = { model: writer.model, type: 'done', kind: 'generated' } as const
    let sentences = 0
    let problem = 'said nothing'
    try {
      const pieces = writer.write(answerPrompt(question, results), signal)
      const passageIds = results.map(({ passage }) => passage.id)
      for await (const { text, citations, rejected } of citeSentences(pieces, passageIds)) {
        sentences++
        yield { type: 'sentence', text, citations: [...citations], rejected: [...rejected] }
      }
      if (sentences > 0) {
        yield { ...written, complete: true, notice: null }
        return
      }
    } catch (error) {
      if (!(error instanceof WriterError)) throw error
      // The others are the model's own doing: whoever asks can bring them about, and nobody needs to mend anything.
      if (error.failure === 'failed') onWriterError(error)
      if (sentences > 0) {
        const notice = `The language model ${failures[error.failure]} before its answer was complete.`
        yield { ...written, complete: false, notice }
        return
      }
      problem = error.failure === 'failed' ? 'cannot be reached right now' : failures[error.failure]
    }
    notice = `The language model ${problem}: these are sentences of the passages.`
  }
  const extracted = await extractAnswer(deps, { prompt: question, ...found }, results)
  for (const { text, passage } of extracted.sentences) {
    yield { type: 'sentence', text, citations: [passage.passage.id], rejected: [] }
  }
  const notices = [notice, extracted.notice].filter((each) => each !== null)
  yield { type: 'done', kind: 'extracted', model: null, complete: true, notice: notices.join(' ') || null }
}
