import { useQuery } from '@tanstack/react-query'
import { useFormat } from '../../format.ts'
import { Failure } from '../../frame/failure.tsx'
import { useText } from '../../text/text.ts'
import { JobProgress } from '../jobs/job-progress.tsx'
import { isActive, jobOptions } from '../jobs/jobs.queries.ts'
import { importOptions, useCancelImport } from './imports.queries.ts'
import type { Import } from './upload.ts'

/** An archive that is being read, as it goes; then what came of it. */
export function ImportProgress({ id, name }: { id: string; name: string }) {
  const text = useText()
  const { data: job, error, refetch } = useQuery(jobOptions(id))
  const hasEnded = job !== undefined && !isActive(job)
  const { data: ended } = useQuery({ ...importOptions(id), enabled: hasEnded })
  const cancel = useCancelImport()
  return (
    <div className="notice">
      <p className="row">
        <span>{text.imports.reading(name)}</span>
        {job && (
          <span role="status">
            <JobProgress of={job} />
          </span>
        )}
        {job && isActive(job) && (
          <button type="button" disabled={job.isCancelling || cancel.isPending} onClick={() => cancel.mutate(id)}>
            {text.state.cancel}
          </button>
        )}
      </p>
      {(error ?? cancel.error) && <Failure error={error ?? cancel.error} onRetry={refetch} />}
      {job?.error && (
        <p role="alert" className="problem">
          {job.error}
        </p>
      )}
      {ended?.report && <Report of={ended.report} />}
    </div>
  )
}

function Report({ of: report }: { of: NonNullable<Import['report']> }) {
  const text = useText().imports
  const format = useFormat()
  const skipped = Object.entries(report.skipped)
  const counts = [
    text.counts.new(format.number(report.new)),
    report.changed > 0 && text.counts.changed(format.number(report.changed)),
    report.unchanged > 0 && text.counts.unchanged(format.number(report.unchanged)),
    report.rejected > 0 && text.counts.rejected(format.number(report.rejected)),
    report.feeds.added > 0 && text.counts.followed(format.number(report.feeds.added)),
  ]
  return (
    <div role="status">
      <p>{counts.filter(Boolean).join(' · ')}</p>
      {skipped.length > 0 && (
        <p className="quiet">
          {text.leftOut}{' '}
          {skipped.map(([reason, count]) => `${text.reasons[reason] ?? reason}: ${format.number(count)}`).join(', ')}
        </p>
      )}
      {report.problemCount > 0 && (
        <details>
          <summary>{text.problems(format.number(report.problemCount))}</summary>
          <ul>
            {report.problems.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        </details>
      )}
    </div>
  )
}
