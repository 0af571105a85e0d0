import { useFormat } from '../../format.ts'
import { useText } from '../../text/text.ts'
import type { Source } from './sources.queries.ts'

/** In words: its state, what the last look said, when the next one is and why then. */
export function SourceState({ of: source }: { of: Source }) {
  const text = useText().sources
  const format = useFormat()
  const { status, failures, lastFetchedAt, lastOutcome, lastMessage, nextAt, nextReason } = source
  const isBad = status === 'failing' || status === 'gone'
  return (
    <>
      <p className="source-state">
        <span className={isBad ? 'bad' : ''}>
          {text.statuses[status]}
          {failures > 0 && `, ${text.failures(failures)}`}
        </span>
        {' · '}
        {lastFetchedAt ? text.last(format.fromNow(lastFetchedAt)) : text.notYet}
        {lastOutcome !== null && ` (${text.outcomes[lastOutcome as keyof typeof text.outcomes] ?? lastOutcome})`}
        {isBad && lastMessage !== null && `: ${lastMessage}`}
      </p>
      {status !== 'paused' && (
        <p className="source-state quiet">
          {nextAt ? text.next(format.fromNow(nextAt)) : text.never}
          {nextReason !== null && `: ${nextReason}`}
        </p>
      )}
    </>
  )
}
