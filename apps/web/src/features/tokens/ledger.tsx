import type { LedgerEntry } from '@extropy/client'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { tokens, useFormat } from '../../format.ts'
import { Failure } from '../../frame/failure.tsx'
import { Loading } from '../../frame/loading.tsx'
import { More } from '../../frame/more.tsx'
import { Scroll } from '../../frame/scroll.tsx'
import { useText } from '../../text/text.ts'
import { ledgerOptions, ledgerTypes, pendingId, userOptions } from './tokens.queries.ts'

export function Ledger({ userId, type }: { userId: string; type: (typeof ledgerTypes)[number] | undefined }) {
  const text = useText().tokens
  const query = useInfiniteQuery(ledgerOptions(userId, type))
  const [find, setFind] = useState('')
  const rows = query.data?.pages.flatMap(({ items }) => items) ?? []
  const shown = rows.filter((row) => rowText(row).includes(find.trim().toLowerCase()))
  return (
    <section className="ledger" aria-label={text.ledger}>
      <div className="ledger-head">
        <h2>{text.ledger}</h2>
        <input
          type="search"
          aria-label={text.find}
          placeholder={text.find}
          value={find}
          onChange={(event) => setFind(event.target.value)}
        />
      </div>
      <nav className="tabs" aria-label={text.type}>
        {([undefined, ...ledgerTypes] as const).map((each) => (
          <Link
            key={each ?? 'all'}
            to="/tokens"
            search={{ type: each }}
            className={each === type ? 'active' : ''}
            activeProps={{ 'aria-current': each === type ? 'page' : undefined }}
            replace
          >
            {text.types[each ?? 'all']}
          </Link>
        ))}
      </nav>
      {query.error && <Failure error={query.error} onRetry={query.refetch} />}
      {query.isPending && <Loading lines={6} />}
      {query.data && rows.length === 0 && <p className="quiet">{type ? text.noneOfKind : text.none}</p>}
      {shown.length > 0 && (
        <Scroll label={`${text.ledger}: ${text.types[type ?? 'all']}`}>
          <table>
            <thead>
              <tr>
                <th scope="col">{text.when}</th>
                <th scope="col">{text.what}</th>
                <th scope="col" className="number">
                  {text.amount}
                </th>
                <th scope="col" className="number">
                  {text.after}
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((row) => (
                <Row key={row.id} row={row} userId={userId} />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      <More of={query} />
    </section>
  )
}

function rowText({ type, amount, createdAt, fromUserId, toUserId, cardId }: LedgerEntry): string {
  return [type, amount, createdAt, fromUserId, toUserId, cardId].join(' ').toLowerCase()
}

function Row({ row, userId }: { row: LedgerEntry; userId: string }) {
  const text = useText().tokens
  const format = useFormat()
  const isOut = row.fromUserId === userId
  const other = isOut ? row.toUserId : row.fromUserId
  return (
    <tr className={row.id === pendingId ? 'pending' : ''}>
      <td>
        <time dateTime={row.createdAt}>{format.time(row.createdAt)}</time>
      </td>
      <td>
        {other === null ? text.minted : <Other id={other} isOut={isOut} />}
        {row.type === 'attribution' && ` · ${text.attribution}`}
        {row.cardId && (
          <>
            {' · '}
            <Link to="/cards/$cardId" params={{ cardId: row.cardId }}>
              {text.card}
            </Link>
          </>
        )}
        {row.id === pendingId && <small> {text.pending}</small>}
      </td>
      <td className={isOut ? 'number' : 'number gained'}>
        {isOut ? '−' : '+'}
        {tokens(row.amount)}
      </td>
      <td className="number quiet">{tokens(row.balanceAfter)}</td>
    </tr>
  )
}

function Other({ id, isOut }: { id: string; isOut: boolean }) {
  const text = useText().tokens
  const { data } = useQuery(userOptions(id))
  const name = data?.displayName ?? text.someone
  return isOut ? text.to(name) : text.from(name)
}
