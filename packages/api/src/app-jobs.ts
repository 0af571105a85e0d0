import type { AnyJob } from './jobs/define-job.ts'
import { pruneJobs } from './jobs/prune.job.ts'

/** Every kind of job that workers run. */
export const appJobs: readonly AnyJob[] = [pruneJobs]
