import { importJob, pruneSpoolJob } from './imports/import.job.ts'
import type { AnyJob } from './jobs/define-job.ts'
import { pruneJobs } from './jobs/prune.job.ts'
import { pruneLanes } from './lanes/prune-lanes.job.ts'
import { proposeJob } from './proposals/propose.job.ts'
import { researchJob } from './research-sessions/research.job.ts'
import { readJob, refreshJob, scrapeJob } from './sources/look.job.ts'
import { tendJob } from './sources/tend.job.ts'
import { pruneChanges } from './subscriptions/prune.job.ts'
import { recomputeJob } from './subscriptions/recompute.job.ts'
import { deliverJob } from './webhooks/deliver.job.ts'
import { pruneDeliveries } from './webhooks/prune.job.ts'

/** Every kind of job that workers run. */
export const appJobs: readonly AnyJob[] = [
  deliverJob,
  importJob,
  proposeJob,
  pruneChanges,
  pruneDeliveries,
  pruneJobs,
  pruneLanes,
  pruneSpoolJob,
  recomputeJob,
  readJob,
  refreshJob,
  researchJob,
  scrapeJob,
  tendJob,
]
