import type { JobContext } from '../jobs/define-job.ts'
import type { Shown } from './outputs.ts'

export type ResearchContext = JobContext<{ readonly sessionId: string }>

/** Runs `work` until it was finished once, whatever kills the run, then shows its result. */
export type Step = <Result>(
  name: string,
  work: () => Promise<Result>,
  show: (result: Result) => Shown,
) => Promise<Result>
