import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { tokens, useFormat } from '../../format.ts'
import { Failure } from '../../frame/failure.tsx'
import { More } from '../../frame/more.tsx'
import { useText } from '../../text/text.ts'
import { toAmount, units } from '../tokens/amounts.ts'
import { statsOptions } from '../tokens/tokens.queries.ts'
import { type AttributionType, attributionTypes, prices } from './cards.queries.ts'
import { type Proposal, proposalsOptions, useDecide } from './proposals.queries.ts'

/** The pairs of sentences that are shown at once; the others on demand. */
const mostPairs = 2

/** Cards of others that the user's own seem to have grown out of. Nothing where there are none. */
export function Proposals({ userId }: { userId: string }) {
  const words = useText().cards
  const text = words.proposals
  const heading = useRef<HTMLHeadingElement>(null)
  const query = useInfiniteQuery(proposalsOptions(userId))
  const { decided, accept, refuse } = useDecide(userId)
  const open = query.data?.pages.flatMap(({ items }) => items).filter(({ id }) => !decided.has(id)) ?? []
  const error = query.error ?? accept.error ?? refuse.error
  const isDone = accept.isSuccess || refuse.isSuccess || accept.isPending || refuse.isPending
  const { data: stats } = useQuery({ ...statsOptions(userId), enabled: open.length > 0 || isDone })
  if (open.length === 0 && !isDone && !error) return null

  // One outcome at a time is said: the last one's.
  const decide = (how: () => void) => {
    accept.reset()
    refuse.reset()
    how()
    // The button that was pressed is gone.
    heading.current?.focus()
  }
  return (
    <section className="proposals" aria-labelledby="proposals">
      <h2 id="proposals" ref={heading} tabIndex={-1}>
        {text.title}
      </h2>
      {open.length > 0 && <p className="quiet">{text.lead}</p>}
      <p role="status">
        {accept.data &&
          text.accepted(
            tokens(accept.data.tokensTransferred),
            accept.variables.proposal.sourceDisplayName,
            stats && tokens(stats.balance),
          )}
        {refuse.data && text.refused}
      </p>
      {error && <Failure error={error} {...(query.error && { onRetry: query.refetch })} />}
      <ul>
        {open.map((proposal) => (
          <ProposalItem
            key={proposal.id}
            of={proposal}
            balance={stats?.balance}
            onAccept={(type) => decide(() => accept.mutate({ proposal, type }))}
            onRefuse={() => decide(() => refuse.mutate(proposal))}
          />
        ))}
      </ul>
      <More of={query} />
    </section>
  )
}

interface ItemProps {
  readonly of: Proposal
  readonly balance: string | undefined
  readonly onAccept: (type: AttributionType) => void
  readonly onRefuse: () => void
}

function ProposalItem({ of: proposal, balance, onAccept, onRefuse }: ItemProps) {
  const words = useText().cards
  const text = words.proposals
  const format = useFormat()
  const [type, setType] = useState<AttributionType>('citation')
  const { sourceCardId, sourceTitle, sourceDisplayName, targetCardId, targetTitle, coverage, growth, kept } = proposal
  const after = balance === undefined ? undefined : units(balance) - units(prices[type])
  const isShort = after !== undefined && after < 0n
  return (
    <li>
      <h3 dir="auto">
        <Link to="/cards/$cardId" params={{ cardId: targetCardId }}>
          {targetTitle}
        </Link>{' '}
        {text.grewOutOf}{' '}
        <Link to="/cards/$cardId" params={{ cardId: sourceCardId }}>
          {sourceTitle}
        </Link>{' '}
        {words.by(sourceDisplayName)}
      </h3>
      <p className="quiet">{text.share(format.percent(coverage), format.number(growth, 1))}</p>
      <Pairs of={kept.slice(0, mostPairs)} author={sourceDisplayName} />
      {kept.length > mostPairs && (
        <details>
          <summary>{text.morePairs(kept.length - mostPairs)}</summary>
          <Pairs of={kept.slice(mostPairs)} author={sourceDisplayName} />
        </details>
      )}
      <div className="row">
        <label>
          <span className="unseen">{words.attribute.how}</span>
          <select value={type} onChange={(event) => setType(event.currentTarget.value as AttributionType)}>
            {attributionTypes.map((each) => (
              <option key={each} value={each}>
                {words.types[each]} · {words.attribute.price(prices[each])}
              </option>
            ))}
          </select>
        </label>
        <button type="button" className="primary" disabled={isShort} onClick={() => onAccept(type)}>
          {words.attribute.submit(prices[type])}
        </button>
        <button type="button" onClick={onRefuse}>
          {text.refuse}
        </button>
        {balance !== undefined && after !== undefined && (
          <small aria-live="polite">
            {isShort
              ? words.attribute.short(tokens(balance))
              : words.attribute.after(tokens(balance), tokens(toAmount(after)))}
          </small>
        )}
      </div>
    </li>
  )
}

function Pairs({ of: pairs, author }: { of: Proposal['kept']; author: string }) {
  const text = useText().cards.proposals
  return pairs.map(({ older, newer }) => (
    <dl key={`${older.start} ${newer.start}`} className="sentence-pair">
      <div>
        <dt>{author}</dt>
        <dd dir="auto">{older.text}</dd>
      </div>
      <div>
        <dt>{text.yours}</dt>
        <dd dir="auto">{newer.text}</dd>
      </div>
    </dl>
  ))
}
