import type { Database } from '@extropy/db'
import { type Kysely, sql } from 'kysely'

export interface Counts {
  readonly succeeded: number
  /** Jobs with an effect, and effects. */
  readonly jobsWithEffect: number
  readonly effects: number
  /** Jobs that needed more than one run. */
  readonly again: number
  readonly dead: number
}

export async function countJobs(db: Kysely<Database>): Promise<Counts> {
  const { rows } = await sql<Counts>`
    select (select count(*)::int from jobs where status = 'succeeded') as succeeded,
      (select count(distinct job_id)::int from effects) as jobs_with_effect,
      (select count(*)::int from effects) as effects,
      (select count(*)::int from jobs where attempt > 1) as again,
      (select count(*)::int from jobs where status in ('failed', 'dead')) as dead`.execute(db)
  return rows[0] as Counts
}
