import { type UseQueryResult, useQueryClient } from '@tanstack/react-query'
import { Fragment, lazy, Suspense } from 'react'
import { CopyButton } from '../../frame/copy-button.tsx'
import { Failure } from '../../frame/failure.tsx'
import { useText } from '../../text/text.ts'
import { type Answer, answerOptions, type Sentence } from './ask.queries.ts'
import { type Ask, toInput } from './ask.search.ts'
import { numberSources } from './number-sources.ts'

// The library for what floats comes with the first receipt, not with the page.
const Receipt = lazy(() => import('./receipt.tsx').then(({ Receipt }) => ({ default: Receipt })))

/** The answer, sentence by sentence as it comes, each with the numbers of the pieces that it stands in. */
export function AnswerView({ ask, query }: { ask: Ask; query: UseQueryResult<Answer> }) {
  const text = useText()
  const queries = useQueryClient()
  const { data: answer, error, isFetching } = query
  const numbers = numberSources(answer?.sentences ?? [])
  const { done } = answer ?? {}
  const isEmpty = (answer?.sentences.length ?? 0) === 0
  const stop = () => void queries.cancelQueries({ queryKey: answerOptions(toInput(ask.q?.trim() ?? '', ask)).queryKey })
  return (
    <section className="answer" aria-label={text.ask.answer} aria-busy={isFetching}>
      {isFetching && (
        <p className="answer-state">
          <span role="status">{text.ask.reading}</span>{' '}
          <button type="button" className="link" onClick={stop}>
            {text.ask.stop}
          </button>
        </p>
      )}
      <div aria-live="polite">
        {answer && !isEmpty && (
          <p className="answer-text">
            {answer.sentences.map((sentence, index) => (
              // Sentences only ever come behind the others, and the same one may be said twice.
              <Fragment key={index}>
                <span className="sentence">{sentence.text}</span>
                <Receipts sentence={sentence} answer={answer} numbers={numbers} />{' '}
              </Fragment>
            ))}
          </p>
        )}
        {done && isEmpty && (
          <div className="not-here">
            <h2>{text.ask.notHere}</h2>
            <p>{done.notice ?? text.ask.notHereHint}</p>
            {done.notice && <p className="quiet">{text.ask.notHereHint}</p>}
          </div>
        )}
        {done?.notice && !isEmpty && <p className="answer-notice">{done.notice}</p>}
      </div>
      {!isFetching && !done && !error && answer && <p className="quiet">{text.ask.stopped}</p>}
      {error && <Failure error={error} onRetry={query.refetch} />}
      {done && (
        <div className="answer-tools">
          <CopyButton text={location.href} label={text.ask.share} done={text.ask.shared} />
          {done.model && <small>{text.ask.byModel(done.model)}</small>}
        </div>
      )}
    </section>
  )
}

interface ReceiptsProps {
  readonly sentence: Sentence
  readonly answer: Answer
  readonly numbers: ReadonlyMap<string, number>
}

function Receipts({ sentence, answer, numbers }: ReceiptsProps) {
  const passages = sentence.citations.flatMap((id) => answer.passages.find(({ passage }) => passage.id === id) ?? [])
  // A sentence that two passages of one piece share has one number.
  const perPiece = [...new Map(passages.toReversed().map((found) => [found.content.id, found])).values()].toReversed()
  return (
    <span className="receipts">
      {perPiece.map((found) => {
        const number = numbers.get(found.content.id) ?? 0
        return (
          <Suspense key={found.passage.id} fallback={<span className="receipt">{number}</span>}>
            <Receipt
              number={number}
              found={found}
              receipt={sentence.receipts.find(({ contentId }) => contentId === found.content.id)}
            />
          </Suspense>
        )
      })}
    </span>
  )
}
