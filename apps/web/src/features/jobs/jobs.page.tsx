import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useFormat } from '../../format.ts'
import { Failure } from '../../frame/failure.tsx'
import { Loading } from '../../frame/loading.tsx'
import { More } from '../../frame/more.tsx'
import { PageHead } from '../../frame/page-head.tsx'
import { useTitle } from '../../frame/use-title.ts'
import { NeedsKey } from '../../session/needs-key.tsx'
import { useText } from '../../text/text.ts'
import { SourceViews } from '../sources/source-views.tsx'
import { JobProgress, kindOf } from './job-progress.tsx'
import { isActive, type JobSummary, jobStatuses, jobsOptions, useCancelJob, useRetryJob } from './jobs.queries.ts'
import { LiveJob } from './live-job.tsx'

const route = getRouteApi('/jobs')

export function JobsPage() {
  const text = useText().jobs
  useTitle(text.title)
  return (
    <>
      <PageHead title={text.title} lead={text.lead} />
      <SourceViews />
      <NeedsKey>{(me) => <Jobs userId={me.id} />}</NeedsKey>
    </>
  )
}

function Jobs({ userId }: { userId: string }) {
  const text = useText().jobs
  const { status: asked, job: open, of } = route.useSearch()
  const navigate = route.useNavigate()
  const status = jobStatuses.find((each) => each === asked)
  const query = useInfiniteQuery(jobsOptions(of === 'all' ? undefined : userId, status))
  const cancel = useCancelJob()
  const retry = useRetryJob()
  const jobs = query.data?.pages.flatMap(({ items }) => items) ?? []
  const failure = cancel.error ?? retry.error
  return (
    <>
      <div className="job-filters">
        <label className="field">
          {text.status}
          <select
            value={status ?? ''}
            onChange={(event) =>
              void navigate({ search: (before) => ({ ...before, status: event.target.value }), replace: true })
            }
          >
            <option value="">{text.all}</option>
            {jobStatuses.map((each) => (
              <option key={each} value={each}>
                {text.statuses[each]}
              </option>
            ))}
          </select>
        </label>
        <label className="check">
          <input
            type="checkbox"
            checked={of === 'all'}
            onChange={(event) =>
              void navigate({
                search: (before) => ({ ...before, of: event.target.checked ? 'all' : undefined }),
                replace: true,
              })
            }
          />{' '}
          {text.everyones}
        </label>
      </div>
      {query.error && <Failure error={query.error} onRetry={query.refetch} />}
      {failure && <Failure error={failure} />}
      {query.isPending && <Loading lines={6} />}
      {query.data && jobs.length === 0 && <p className="quiet">{status ? text.noneOfStatus : text.none}</p>}
      <ul className="job-list" aria-label={text.title}>
        {jobs.map((job) => (
          <JobRow
            key={job.id}
            of={job}
            isOpen={job.id === open}
            onCancel={() => cancel.mutate(job.id)}
            onRetry={() => retry.mutate(job.id)}
          />
        ))}
      </ul>
      <More of={query} />
    </>
  )
}

interface JobRowProps {
  readonly of: JobSummary
  readonly isOpen: boolean
  readonly onCancel: () => void
  readonly onRetry: () => void
}

function JobRow({ of: job, isOpen, onCancel, onRetry }: JobRowProps) {
  const text = useText().jobs
  const format = useFormat()
  const name = [kindOf(job, text.kinds), job.subject].filter(Boolean).join(': ')
  const mayRetry = job.status === 'failed' || job.status === 'dead' || job.status === 'cancelled'
  return (
    <li>
      <div className="job">
        <div>
          <h2>{name}</h2>
          <p className={job.status === 'failed' || job.status === 'dead' ? 'bad' : 'quiet'}>
            <JobProgress of={job} /> · <time dateTime={job.createdAt}>{format.fromNow(job.createdAt)}</time>{' '}
            <Link
              to="/jobs"
              search={(before) => ({ ...before, job: isOpen ? undefined : job.id })}
              aria-expanded={isOpen}
              resetScroll={false}
            >
              {text.log}
            </Link>
          </p>
          {job.error && !isOpen && <p className="job-error">{job.error}</p>}
        </div>
        {isActive(job) && (
          <button type="button" onClick={onCancel} disabled={job.isCancelling} aria-label={`${text.cancel}: ${name}`}>
            {text.cancel}
          </button>
        )}
        {mayRetry && (
          <button type="button" onClick={onRetry} aria-label={`${text.retry}: ${name}`}>
            {text.retry}
          </button>
        )}
      </div>
      {isOpen && <LiveJob id={job.id} lines={20} />}
    </li>
  )
}
