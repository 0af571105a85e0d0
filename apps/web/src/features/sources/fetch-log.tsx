import type { Outputs } from '@extropy/client'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useFormat } from '../../format.ts'
import { Failure } from '../../frame/failure.tsx'
import { Loading } from '../../frame/loading.tsx'
import { More } from '../../frame/more.tsx'
import { Scroll } from '../../frame/scroll.tsx'
import { useText } from '../../text/text.ts'
import { fetchesOptions } from './sources.queries.ts'

type Fetch = Outputs['sources']['fetches']['items'][number]

/** Every request for a source, newest first, with what came of it. */
export function FetchLog({ id }: { id: string }) {
  const text = useText().sources
  const query = useInfiniteQuery(fetchesOptions(id))
  const rows = query.data?.pages.flatMap(({ items }) => items) ?? []
  if (query.error) return <Failure error={query.error} onRetry={query.refetch} />
  if (query.isPending) return <Loading lines={4} />
  if (rows.length === 0) return <p className="quiet">{text.noLog}</p>
  return (
    <>
      <Scroll label={text.log}>
        <table className="fetch-log">
          <thead>
            <tr>
              {(['when', 'outcome', 'answer'] as const).map((name) => (
                <th key={name} scope="col">
                  {text.columns[name]}
                </th>
              ))}
              {(['size', 'took', 'waited'] as const).map((name) => (
                <th key={name} scope="col" className="number">
                  {text.columns[name]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row key={row.id} of={row} />
            ))}
          </tbody>
        </table>
      </Scroll>
      <More of={query} />
    </>
  )
}

const good: readonly string[] = ['ok', 'unchanged', 'empty']

function Row({ of: fetch }: { of: Fetch }) {
  const text = useText().sources
  const format = useFormat()
  const more = [
    fetch.httpStatus !== null && `HTTP ${fetch.httpStatus}`,
    fetch.redirects.length > 0 && text.redirected(fetch.redirects.length),
    fetch.robots !== null && text.robots(fetch.robots),
    fetch.reason,
  ]
  return (
    <tr>
      <td>
        <time dateTime={fetch.fetchedAt}>{format.time(fetch.fetchedAt)}</time>
      </td>
      <td className={good.includes(fetch.outcome) ? '' : 'bad'}>{text.outcomes[fetch.outcome]}</td>
      <td className="fetch-answer">
        {fetch.message !== null && <>{fetch.message} </>}
        <small>{more.filter(Boolean).join(' · ')}</small>
        <small className="mono">{fetch.finalUrl}</small>
      </td>
      <td className="number">{format.number(fetch.wireBytes / 1000, 1)} kB</td>
      <td className="number">{format.number(fetch.totalMs)} ms</td>
      <td className="number">{format.number(fetch.waitedMs)} ms</td>
    </tr>
  )
}
