import { useText } from '../../text/text.ts'
import { JobProgress } from '../jobs/job-progress.tsx'
import type { Job } from '../jobs/jobs.queries.ts'
import { JobLog } from '../jobs/live-job.tsx'
import type { Session } from './research.queries.ts'
import { stepsOf } from './steps-of.ts'

/** What was done, what is done now, what is to come; beneath it the job's own words. */
export function Steps({ of: session, job }: { of: Session; job?: Job | undefined }) {
  const text = useText().research
  return (
    <section aria-label={text.live}>
      <h2 className="small-title">{text.live}</h2>
      <ol className="steps">
        {stepsOf(
          session,
          job?.log.map((line) => line.text),
        ).map(({ name, state, count }) => (
          <li key={name} className={`step-${state}`} aria-current={state === 'now' ? 'step' : undefined}>
            {text.steps[name]}
            {count !== undefined && <small> {count}</small>}
            <span className="unseen">: {text.stepStates[state]}</span>
          </li>
        ))}
      </ol>
      {job && (
        <>
          <p role="status">
            <JobProgress of={job} />
          </p>
          <JobLog of={job} lines={5} />
        </>
      )}
    </section>
  )
}
