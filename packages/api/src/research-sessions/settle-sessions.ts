import { type Database, type JobStatus, rawRead } from '@extropy/db'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Deps } from '../context.ts'
import { invalidating } from '../invalidating.ts'
import { inTransaction } from '../transaction.ts'
import { endSession } from './outputs.ts'
import { wholeSessionColumns } from './research-sessions.queries.ts'

const mostAtOnce = 100

/** Ends sessions in progress whose job has ended without a word to them: it was cancelled, or its workers were lost. */
export async function settleSessions(deps: Pick<Deps, 'db' | 'cache'>): Promise<void> {
  const left = await findLeft(deps.db)
  for (const { id } of left) {
    await invalidating(deps, (db) =>
      inTransaction(db, async (trx) => {
        await trx.selectFrom('researchSessions').select('id').where('id', '=', id).forUpdate().execute()
        // Another server may have settled it, and its user may have run it again.
        const [job] = await findLeft(trx, id)
        if (job === undefined) return
        await endSession(trx, id, 'failed', { problem: problemOf(job) })
      }),
    )
  }
}

interface LeftSession {
  readonly id: string
  readonly jobStatus: JobStatus
  readonly jobError: string | null
}

async function findLeft(db: Kysely<Database>, id: string | null = null): Promise<LeftSession[]> {
  const { rows } = await rawRead(
    ['researchSessions', 'jobs'],
    sql<LeftSession>`
    select research_sessions.id, jobs.status as job_status, jobs.error as job_error
    from research_sessions join jobs on jobs.id = job_id
    where research_sessions.status = 'in_progress' and jobs.status in ('failed', 'dead', 'cancelled')
      and (${id}::uuid is null or research_sessions.id = ${id}::uuid)
    limit ${mostAtOnce}`,
  ).execute(db)
  return rows
}

function problemOf({ jobStatus, jobError }: LeftSession): string {
  if (jobStatus === 'cancelled') return 'Its job was cancelled.'
  return `Its job was given up: ${jobError ?? 'it failed too often.'}`
}

/** Goes on with a session whose job runs once more; its finished steps stay. */
export function reopenSession(trx: Transaction<Database>, id: string) {
  return trx
    .updateTable('researchSessions')
    .set({
      status: 'in_progress',
      finishedAt: null,
      outputs: sql`outputs - 'problem'` as never,
      updatedAt: sql<string>`now()`,
    })
    .where('id', '=', id)
    .returning(wholeSessionColumns)
    .executeTakeFirstOrThrow()
}
