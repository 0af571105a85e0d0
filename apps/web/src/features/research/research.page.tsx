import './research.css'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useFormat } from '../../format.ts'
import { Failure } from '../../frame/failure.tsx'
import { Loading } from '../../frame/loading.tsx'
import { More } from '../../frame/more.tsx'
import { useTitle } from '../../frame/use-title.ts'
import { NeedsKey } from '../../session/needs-key.tsx'
import { useText } from '../../text/text.ts'
import { researchStatuses, sessionsOptions } from './research.queries.ts'

const route = getRouteApi('/research')

export function ResearchPage() {
  const text = useText().research
  useTitle(text.title)
  return (
    <>
      <div className="page-head">
        <div>
          <h1>{text.title}</h1>
          <p>{text.lead}</p>
        </div>
        <Link to="/research/new" className="button">
          {text.new}
        </Link>
      </div>
      <NeedsKey>{(me) => <Sessions userId={me.id} />}</NeedsKey>
    </>
  )
}

function Sessions({ userId }: { userId: string }) {
  const text = useText().research
  const format = useFormat()
  const { status: asked } = route.useSearch()
  const status = researchStatuses.find((each) => each === asked)
  const query = useInfiniteQuery(sessionsOptions(userId, status))
  const sessions = query.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <>
      <nav className="tabs" aria-label={text.status}>
        {([undefined, ...researchStatuses] as const).map((each) => (
          <Link
            key={each ?? 'all'}
            to="/research"
            search={{ status: each }}
            className={each === status ? 'active' : ''}
            activeProps={{ 'aria-current': each === status ? 'page' : undefined }}
            replace
          >
            {each ? text.statuses[each] : text.all}
          </Link>
        ))}
      </nav>
      {query.error && <Failure error={query.error} onRetry={query.refetch} />}
      {query.isPending && <Loading lines={6} />}
      {query.data && sessions.length === 0 && <p className="quiet">{status ? text.noneOfStatus : text.none}</p>}
      <ul className="sessions">
        {sessions.map(({ id, name, status: state, createdAt, contentsFound, contentsAnalyzed }) => (
          <li key={id}>
            <h2>
              <Link to="/research/$sessionId" params={{ sessionId: id }}>
                {name}
              </Link>
            </h2>
            <p className="quiet">
              <span className={state === 'failed' ? 'bad' : ''}>{text.statuses[state]}</span>
              {' · '}
              <time dateTime={createdAt}>{format.time(createdAt)}</time>
              {' · '}
              {text.found(format.number(contentsFound), format.number(contentsAnalyzed))}
            </p>
          </li>
        ))}
      </ul>
      <More of={query} />
    </>
  )
}
