import { useQuery } from '@tanstack/react-query'
import { Failure } from '../../frame/failure.tsx'
import { useText } from '../../text/text.ts'
import { JobProgress } from './job-progress.tsx'
import { isActive, type Job, jobOptions } from './jobs.queries.ts'

/** Behind its end, what it said last stands in its message too. */
const shortLog = 5

/** One job as it goes, with the last lines of its log. */
export function LiveJob({ id, lines = shortLog }: { id: string; lines?: number }) {
  const { data: job, error, refetch } = useQuery(jobOptions(id))
  if (error) return <Failure error={error} onRetry={refetch} />
  if (!job) return null
  return (
    <div className="live-job">
      <p role="status">
        <JobProgress of={job} />
      </p>
      {messageOf(job) && <p>{messageOf(job)}</p>}
      {(isActive(job) || lines > shortLog) && <JobLog of={job} lines={lines} />}
    </div>
  )
}

export function JobLog({ of: job, lines }: { of: Job; lines: number }) {
  const text = useText().jobs
  if (job.log.length === 0) return null
  return (
    <ol className="job-log" aria-label={text.log}>
      {job.log.slice(-lines).map(({ at, text: line }, index) => (
        <li key={`${at} ${index}`}>{line}</li>
      ))}
    </ol>
  )
}

/** What a look said at its end, or why the last run failed. */
function messageOf({ error, result }: Job): string | undefined {
  const message = (result as { message?: unknown } | null)?.message
  return error ?? (typeof message === 'string' ? message : undefined)
}
