import type { Platform } from '@extropy/db'
import { answerQuestion } from '../../answer/answer.ts'
import type { Deps } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { limitWriter } from '../../language-model/limit-writer.ts'
import type { Budget } from '../budget.ts'
import type { ResearchContext, Step } from '../research-run.ts'
import type { ResearchAnswer, ResearchSource } from '../research-sessions.schema.ts'
import { toSource } from './look-in-collection.ts'

export interface Answered {
  readonly answer: ResearchAnswer
  /** Of the answer's receipts. */
  readonly sources: readonly ResearchSource[]
  readonly leftOut?: string
}

interface Options {
  readonly step: Step
  readonly budget: Budget
  readonly session: { readonly platforms: readonly Platform[]; readonly targetAuthorities: readonly string[] }
  readonly questions: readonly string[]
  readonly before: readonly ResearchAnswer[]
}

type Voice = ResearchAnswer['voices'][number]

/** Tokens that one answer of a language model may take, passages included. */
const tokensOfAnswer = 8000

/** Answers each question from the whole collection, and in the words of each authority. */
export async function answerQuestions(context: ResearchContext, options: Options): Promise<Answered[]> {
  const { step, questions, before } = options
  const answered: Answered[] = []
  for (const [index, question] of questions.entries()) {
    answered.push(
      await step(
        `answer question ${index + 1} of ${questions.length}`,
        async () => compare(await answerInTime(context, options, question), before),
        (last) => ({
          outputs: { answers: [...answered, last].map(({ answer }) => answer), cited: citedBy([...answered, last]) },
        }),
      ),
    )
  }
  return answered
}

/** Not all of them are among the contents found: a passage answers though the whole content is about something else. */
function citedBy(answered: readonly Answered[]): ResearchSource[] {
  return [...new Map(answered.flatMap(({ sources }) => sources).map((source) => [source.contentId, source])).values()]
}

async function answerInTime(context: ResearchContext, options: Options, question: string): Promise<Answered> {
  const { budget } = options
  const late = (): Answered => ({
    answer: { question, voices: [], notice: 'It was not looked for: the time was over.', change: 'new' },
    sources: [],
    leftOut: `«${question}» has no answer: the session's seconds were used up`,
  })
  if (!budget.hasTime()) return late()
  try {
    return await answer(context.deps, options, question)
  } catch (error) {
    context.signal.throwIfAborted()
    // Only the budget's own end, and no failure, counts as such.
    if (budget.signal.aborted && isInterruption(error)) return late()
    throw error
  }
}

function isInterruption(error: unknown): boolean {
  const { name } = error as Error
  return (
    name === 'AbortError' || name === 'TimeoutError' || (error instanceof AppError && error.reason === 'caller_gone')
  )
}

async function answer(deps: Deps, { budget, session }: Options, question: string): Promise<Answered> {
  const sources = new Map<string, ResearchSource>()
  const voices: Voice[] = []
  let notice: string | null = null
  let leftOut: string | undefined
  for (const author of [undefined, ...session.targetAuthorities]) {
    const granted = deps.writer === undefined ? 0 : await budget.setAside('tokens', tokensOfAnswer)
    if (deps.writer !== undefined && granted === 0) {
      leftOut = `«${question}» was answered without the language model: the session's tokens were used up`
    }
    const limited = limitWriter(granted > 0 ? deps.writer : undefined, granted)
    const input = { prompt: question, author, nResults: 10, groupBy: 'passage' as const, platforms: session.platforms }
    const events = await answerQuestion({ ...deps, writer: limited.writer }, input, {
      signal: budget.signal,
      onWriterError: () => {},
    })
    const found = new Map<string, ResearchSource>()
    const sentences: Voice['sentences'] = []
    for await (const event of events) {
      if (event.type === 'passages') {
        for (const { content } of event.passages) found.set(content.id, toSource(content))
      } else if (event.type === 'sentence') {
        sentences.push({ text: event.text, receipts: event.receipts })
      } else {
        // Only the whole collection's silence says that nothing is known.
        if (author === undefined) notice = event.notice
        if (sentences.length > 0) voices.push({ author: author ?? null, kind: event.kind, sentences })
      }
    }
    if (granted > 0) await budget.giveBack('tokens', granted - limited.used())
    for (const { contentId } of sentences.flatMap(({ receipts }) => receipts)) {
      const source = found.get(contentId)
      if (source !== undefined) sources.set(contentId, source)
    }
  }
  const answer = { question, voices, notice, change: 'new' as const }
  return { answer, sources: [...sources.values()], ...(leftOut === undefined ? {} : { leftOut }) }
}

/** An answer that says the same of the same places as the run before stays as it was, with the receipts of that time. */
function compare(now: Answered, before: readonly ResearchAnswer[]): Answered {
  const known = before.find(({ question }) => question === now.answer.question)
  if (known === undefined) return now
  const isSame = fingerprint(known) === fingerprint(now.answer)
  return { ...now, answer: isSame ? { ...known, change: 'same' } : { ...now.answer, change: 'changed' } }
}

function fingerprint({ voices, notice }: ResearchAnswer): string {
  return JSON.stringify([
    notice,
    voices.map(({ author, sentences }) => [
      author,
      sentences.map(({ text, receipts }) => [
        text,
        receipts.map(({ passageId, part, start, end, contentHash }) => [passageId, part, start, end, contentHash]),
      ]),
    ]),
  ])
}
