import './jobs.css'
import { useFormat } from '../../format.ts'
import { useText } from '../../text/text.ts'
import { isActive, isForLater, type JobSummary } from './jobs.queries.ts'

/** How far a job is: a bar while it runs, and the same in words. */
export function JobProgress({ of: job }: { of: JobSummary }) {
  const text = useText().jobs
  const format = useFormat()
  const { progress } = job
  const total = progress?.total ?? null
  const said = [
    job.isCancelling ? text.cancelling : text.statuses[job.status],
    isForLater(job) && text.notBefore(format.fromNow(job.runAfter)),
    progress &&
      (total === null
        ? text.progressOpen(format.number(progress.done))
        : text.progress(format.number(progress.done), format.number(total))),
    progress?.secondsLeft != null && isActive(job) && text.left(format.number(progress.secondsLeft)),
    job.attempt > 1 && text.attempt(job.attempt, job.maxAttempts),
  ]
  return (
    <span className="job-progress">
      {isActive(job) && !isForLater(job) && (
        <progress
          aria-label={`${kindOf(job, text.kinds)} ${job.subject ?? ''}`}
          {...(progress && total !== null && { value: progress.done, max: Math.max(1, total) })}
        />
      )}
      <span>{said.filter(Boolean).join(' · ')}</span>
    </span>
  )
}

export function kindOf({ kind }: Pick<JobSummary, 'kind'>, kinds: Readonly<Record<string, string>>): string {
  return kinds[kind] ?? kind
}
