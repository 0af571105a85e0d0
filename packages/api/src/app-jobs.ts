import type { AnyJob } from './jobs/define-job.ts'
import { researchJob } from './research-sessions/research.job.ts'

/** Every kind of job that workers run. */
export const appJobs: readonly AnyJob[] = [researchJob]
