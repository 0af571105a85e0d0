import './research.css'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { lazy, Suspense, useEffect } from 'react'
import { useFormat } from '../../format.ts'
import { Failure } from '../../frame/failure.tsx'
import { Loading } from '../../frame/loading.tsx'
import { PageFailure } from '../../frame/no-such-page.tsx'
import { useTitle } from '../../frame/use-title.ts'
import { NeedsKey } from '../../session/needs-key.tsx'
import { useText } from '../../text/text.ts'
import { jobOptions } from '../jobs/jobs.queries.ts'
import { type Session, sessionOptions, useCancelSession, useRerunSession } from './research.queries.ts'
import { Steps } from './steps.tsx'

const Report = lazy(() => import('./report.tsx').then(({ Report }) => ({ default: Report })))
const route = getRouteApi('/research/$sessionId')

export function SessionPage() {
  const text = useText().research
  const { sessionId } = route.useParams()
  useTitle(text.title)
  return (
    <>
      <p className="back">
        <Link to="/research">← {text.back}</Link>
      </p>
      <NeedsKey>{() => <Whole key={sessionId} id={sessionId} />}</NeedsKey>
    </>
  )
}

function Whole({ id }: { id: string }) {
  const text = useText().research
  const format = useFormat()
  const { data: session, error, refetch } = useQuery(sessionOptions(id))
  const cancel = useCancelSession()
  const rerun = useRerunSession()
  useTitle(session?.name)
  if (error) return <PageFailure error={error} onRetry={refetch} />
  if (!session) return <Loading lines={8} />
  const isLive = session.status === 'in_progress'
  const failure = cancel.error ?? rerun.error
  return (
    <div className="session">
      <header className="page-head">
        <div>
          <h1 dir="auto">{session.name}</h1>
          <p>
            <span className={session.status === 'failed' ? 'bad' : ''}>{text.statuses[session.status]}</span>
            {' · '}
            <time dateTime={session.createdAt}>{format.time(session.createdAt)}</time>
            {' · '}
            {text.found(format.number(session.contentsFound), format.number(session.contentsAnalyzed))}
          </p>
        </div>
        <div className="row">
          {isLive ? (
            <button type="button" disabled={cancel.isPending} onClick={() => cancel.mutate(id)}>
              {text.cancel}
            </button>
          ) : (
            <button type="button" disabled={rerun.isPending} onClick={() => rerun.mutate(id)}>
              {text.rerun}
            </button>
          )}
          {session.outputs.report && (
            <button type="button" onClick={() => print()}>
              {text.print}
            </button>
          )}
        </div>
      </header>
      {failure && <Failure error={failure} />}
      {session.outputs.problem && (
        <p className="notice" role="status">
          {text.problem} {session.outputs.problem}
        </p>
      )}
      <div className="session-parts">
        <section className="report" aria-label={text.report} aria-busy={isLive}>
          {session.outputs.report ? (
            <Suspense fallback={<Loading lines={12} />}>
              <Report of={session} markdown={session.outputs.report} />
            </Suspense>
          ) : (
            <>
              <blockquote dir="auto">{session.brief}</blockquote>
              <p className="quiet">{text.noReport}</p>
            </>
          )}
        </section>
        <aside className="session-margin">
          {isLive && session.jobId !== null ? <Live session={session} jobId={session.jobId} /> : <Steps of={session} />}
          <Spent of={session} />
        </aside>
      </div>
    </div>
  )
}

/** The session is read again whenever its job has moved on: a step's outcome is in it by then. */
function Live({ session, jobId }: { session: Session; jobId: string }) {
  const queries = useQueryClient()
  const { data: job, error, refetch } = useQuery(jobOptions(jobId))
  const { id } = session
  const [done, status] = [job?.progress?.done, job?.status]
  useEffect(() => {
    if (done !== undefined || status !== undefined) {
      void queries.invalidateQueries({ queryKey: sessionOptions(id).queryKey })
    }
  }, [queries, id, done, status])
  return (
    <>
      <Steps of={session} job={job} />
      {error && <Failure error={error} onRetry={refetch} />}
    </>
  )
}

function Spent({ of: { budget, spent } }: { of: Session }) {
  const text = useText().research
  const format = useFormat()
  return (
    <section aria-label={text.budget}>
      <h2 className="small-title">{text.budget}</h2>
      <dl className="facts">
        {(['requests', 'seconds', 'tokens'] as const).map((name) => (
          <div key={name}>
            <dt>{text.spent[name]}</dt>
            <dd>
              <meter aria-label={text.spent[name]} min={0} max={Math.max(1, budget[name])} value={spent[name]} />{' '}
              {text.of(format.number(spent[name]), format.number(budget[name]))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
