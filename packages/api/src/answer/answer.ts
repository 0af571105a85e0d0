import type { Deps } from '../context.ts'
import { AppError } from '../errors.ts'
import { WriterError, type WriterFailure } from '../language-model/writer.ts'
import type { Receipt } from '../receipts/receipts.schema.ts'
import { makeReceipt } from '../receipts/receipts.ts'
import { type Prompt, searchPrompt } from '../search/rag.ts'
import type { SearchResult } from '../search/search.ts'
import type { AnswerEvent } from './answer.schema.ts'
import { citeSentences } from './citations.ts'
import { extractAnswer } from './extract.ts'
import type { Extracted } from './extracted.ts'
import { standsInPassages } from './hold-to-passages.ts'
import { answerPrompt } from './prompt.ts'
import { readSources, type Source } from './read-sources.ts'

interface AnswerOptions {
  readonly signal: AbortSignal
  /** Told why the language model failed: the message names endpoint and settings, which are not for the caller. */
  readonly onWriterError: (error: WriterError) => void
}

/** Words after "The language model" for an answer of it that is not whole. */
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
  input: Prompt,
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
  const readAt = new Date()
  yield {
    type: 'passages',
    understood: found.understood,
    passages: results.map(({ rank, passage, content, fusedScore, relevance }) => ({
      rank,
      passage,
      content,
      fusedScore,
      relevance,
    })),
  }
  let notice = found.notice
  if (writer !== undefined && results.length > 0) {
    const written = { model: writer.model, type: 'done', kind: 'generated' } as const
    let [sentences, leftOut] = [0, 0]
    let problem = 'said nothing'
    try {
      const pieces = writer.write(answerPrompt(question, results), signal)
      const passageIds = results.map(({ passage }) => passage.id)
      const sources = await readSources(deps.db, results)
      for await (const { text, citations, rejected } of citeSentences(pieces, passageIds)) {
        const cited = results.filter(({ passage }) => citations.includes(passage.id))
        if (!standsInPassages(text, cited, question)) {
          leftOut++
          continue
        }
        sentences++
        const receipts = cited.flatMap((result) => passageReceipt(result, sources, readAt))
        yield { type: 'sentence', text, citations: [...citations], receipts, rejected: [...rejected] }
      }
      if (sentences > 0) {
        yield { ...written, complete: true, notice: join(notice, leftOut > 0 ? sayLeftOut(leftOut) : null) }
        return
      }
      if (leftOut > 0) problem = 'said only what its passages do not'
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
    notice = join(notice, `The language model ${problem}: these are sentences of the passages.`)
  }
  const extracted = await extractAnswer(deps, { prompt: question, ...found }, results)
  for (const each of extracted.sentences) {
    const { text, passage } = each
    yield { type: 'sentence', text, citations: [passage.passage.id], receipts: [receiptOf(each, readAt)], rejected: [] }
  }
  yield { type: 'done', kind: 'extracted', model: null, complete: true, notice: join(notice, extracted.notice) }
}

function receiptOf({ passage: { passage, content }, ...place }: Extracted, readAt: Date): Receipt {
  return makeReceipt({ ...place, contentId: content.id, ordinal: passage.ordinal, readAt })
}

/** The whole passage; nothing where its content has changed since the search. */
function passageReceipt(
  { passage, content }: SearchResult,
  sources: ReadonlyMap<string, Source>,
  readAt: Date,
): Receipt[] {
  const source = sources.get(content.id)
  const start = source?.text.indexOf(passage.text) ?? -1
  if (source === undefined || start === -1) return []
  const { contentHash } = source
  const place = { part: 'text', start, end: start + passage.text.length, source: passage.text } as const
  return [makeReceipt({ ...place, contentHash, contentId: content.id, ordinal: passage.ordinal, readAt })]
}

function sayLeftOut(count: number): string {
  return count === 1
    ? 'A sentence was left out: its passages do not have all of its numbers and names.'
    : `${count} sentences were left out: their passages do not have all of their numbers and names.`
}

function join(...notices: readonly (string | null)[]): string | null {
  return notices.filter((notice) => notice !== null).join(' ') || null
}
