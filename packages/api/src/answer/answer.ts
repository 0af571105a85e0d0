import type { z } from 'zod'
import type { Deps } from '../context.ts'
import { AppError } from '../errors.ts'
import { WriterError } from '../language-model/writer.ts'
import { searchPrompt } from '../search/rag.ts'
import type { AnswerEvent, Question } from './answer.schema.ts'
import { citeSentences } from './citations.ts'
import { extractSentences } from './extract.ts'
import { answerPrompt } from './prompt.ts'

interface AnswerOptions {
  readonly signal: AbortSignal
  /** Told why the language model failed: the message names endpoint and settings, which are not for the caller. */
  readonly onWriterError: (error: WriterError) => void
}

/**
 * Answers a question from the passages that a search finds, sentence by sentence, each with the passages that it cites. Without a
 * language model, or where it fails before its first sentence, the answer is extracted, and says so.
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
  { db, writer }: Deps,
  question: string,
  { results, words, corpus }: Awaited<ReturnType<typeof searchPrompt>>,
  { signal, onWriterError }: AnswerOptions,
): AsyncGenerator<AnswerEvent> {
  yield {
    type: 'passages',
    passages: results.map(({ rank, passage, content, fusedScore }) => ({ rank, passage, content, fusedScore })),
  }
  let notice: string | null = null
  if (writer !== undefined && results.length > 0) {
    const written = { model: writer.model, type: 'done', kind: 'generated' } as const
    let sentences = 0
    try {
      const pieces = writer.write(answerPrompt(question, results), signal)
      const passageIds = results.map(({ passage }) => passage.id)
      for await (const { text, citations, rejected } of citeSentences(pieces, passageIds)) {
        sentences++
        yield { type: 'sentence', text, citations: [...citations], rejected: [...rejected] }
      }
      yield { ...written, complete: true, notice: null }
      return
    } catch (error) {
      if (!(error instanceof WriterError)) throw error
      onWriterError(error)
      if (sentences > 0) {
        yield { ...written, complete: false, notice: 'The language model failed before its answer was complete.' }
        return
      }
      notice = 'The language model cannot be reached right now: these are sentences of the passages.'
    }
  }
  for (const { text, citations } of await extractSentences(db, results, words, corpus)) {
    yield { type: 'sentence', text, citations: [...citations], rejected: [] }
  }
  yield { type: 'done', kind: 'extracted', model: null, complete: true, notice }
}
