import {
  checkIn,
  defineTable,
  doublePrecision,
  integer,
  jsonb,
  nullable,
  type TableOf,
  text,
  textArray,
  timestamptz,
  uuid,
  withDefault,
} from '../define-table.ts'

/** `failed`: trying again is of no use. `dead`: it has failed as often as it may. */
export const jobStatuses = ['queued', 'running', 'succeeded', 'failed', 'cancelled', 'dead'] as const
export type JobStatus = (typeof jobStatuses)[number]

export interface JobLogLine {
  readonly at: string
  readonly text: string
}

/** Durable work: see docs/jobs.md. No kept answer may read this table, since those who run jobs purge nothing for it. */
export const jobs = defineTable({
  name: 'jobs',
  unannounced: true,
  columns: {
    id: withDefault(uuid()),
    kind: text(),
    /** The thing that it works on, for people: a host, a file's name. */
    subject: nullable(text()),
    input: jsonb<unknown>(),
    /** Null: the server's own, for admins alone to see. */
    userId: nullable(uuid()),
    status: withDefault(text<JobStatus>()),
    /** `1 host:example.org`: of all jobs in this lane at most one runs at a time. */
    lanes: withDefault(textArray()),
    /** Of one kind and key at most one is queued or running. */
    singletonKey: nullable(text()),
    runAfter: withDefault(timestamptz()),
    /** Runs begun; those that a stopping server gave back do not count. */
    attempt: withDefault(integer()),
    maxAttempts: withDefault(integer()),
    /** Counts claims. Whoever holds an older one may write nothing more in this job's name. */
    fence: withDefault(integer()),
    /** When the run counts as lost unless its worker says that it lives. */
    leaseUntil: nullable(timestamptz()),
    deadlineAt: nullable(timestamptz()),
    cancelRequestedAt: nullable(timestamptz()),
    progressDone: nullable(integer()),
    progressTotal: nullable(integer()),
    /** Items a second, in this run. */
    progressRate: nullable(doublePrecision()),
    /** The last lines. */
    log: withDefault(jsonb<readonly JobLogLine[]>()),
    /** Counts what people can see change: an event stream resumes behind it. */
    revision: withDefault(integer()),
    result: nullable(jsonb<unknown>()),
    error: nullable(text()),
    createdAt: withDefault(timestamptz()),
    startedAt: nullable(timestamptz()),
    finishedAt: nullable(timestamptz()),
  },
  constraints: {
    jobs_pkey: 'PRIMARY KEY (id)',
    jobs_user_id_fkey: 'FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE',
    jobs_status_check: checkIn('status', jobStatuses),
    jobs_lease_check: "CHECK (((status = 'running'::text) = (lease_until IS NOT NULL)))",
    jobs_finished_check: "CHECK (((status = ANY (ARRAY['queued'::text, 'running'::text])) = (finished_at IS NULL)))",
  },
  indexes: {
    idx_jobs_queued: {
      using: 'btree (run_after, id)',
      where: "(status = 'queued'::text)",
      serves: 'jobs.claimJobs',
    },
    // Not by lease_until: a heartbeat would then have to change the index too.
    idx_jobs_running: {
      using: 'btree (id)',
      where: "(status = 'running'::text)",
      serves: 'jobs.claimJobs, jobs.reclaimLost',
    },
    idx_jobs_singleton: {
      using: 'btree (kind, singleton_key)',
      where: "((singleton_key IS NOT NULL) AND (status = ANY (ARRAY['queued'::text, 'running'::text])))",
      unique: true,
      serves: 'jobs.enqueue',
    },
    idx_jobs_created_desc: { using: 'btree (created_at DESC, id DESC)', serves: 'jobs.listJobs' },
    idx_jobs_user_created_desc: {
      using: 'btree (user_id, created_at DESC, id DESC)',
      serves: 'jobs.listJobs of a user',
    },
    idx_jobs_status_created_desc: {
      using: 'btree (status, created_at DESC, id DESC)',
      serves: 'jobs.listJobs by status',
    },
    idx_jobs_kind_created_desc: { using: 'btree (kind, created_at DESC, id DESC)', serves: 'jobs.listJobs by kind' },
    idx_jobs_finished: {
      using: 'btree (finished_at)',
      where: '(finished_at IS NOT NULL)',
      serves: 'jobs.pruneJobs',
    },
  },
})

export type JobsTable = TableOf<typeof jobs>

/** Finished steps of a job: a run that begins anew takes their results from here. */
export const jobCheckpoints = defineTable({
  name: 'job_checkpoints',
  unannounced: true,
  columns: {
    jobId: uuid(),
    name: text(),
    result: jsonb<unknown>(),
    createdAt: withDefault(timestamptz()),
  },
  constraints: {
    job_checkpoints_pkey: 'PRIMARY KEY (job_id, name)',
    job_checkpoints_job_id_fkey: 'FOREIGN KEY (job_id) REFERENCES jobs(id) ON DELETE CASCADE',
  },
  indexes: {},
})

export type JobCheckpointsTable = TableOf<typeof jobCheckpoints>
