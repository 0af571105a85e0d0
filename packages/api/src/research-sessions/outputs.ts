import type { Database, ResearchBudget } from '@extropy/db'
import { sql, type Transaction } from 'kysely'
import { emit } from '../webhooks/emit.ts'
import { wholeSessionColumns } from './research-sessions.queries.ts'
import type { ResearchOutputs } from './research-sessions.schema.ts'

/** A step's part of what people see. */
export interface Shown {
  readonly outputs?: ResearchOutputs
  readonly contentsFound?: number
  readonly contentsAnalyzed?: number
  readonly patternsFound?: number
}

/** Adds a step's results to its session. */
export async function showStep(
  trx: Transaction<Database>,
  id: string,
  seconds: number,
  { outputs = {}, ...counts }: Shown,
): Promise<void> {
  await trx
    .updateTable('researchSessions')
    .set({
      ...counts,
      outputs: sql`outputs || ${JSON.stringify(outputs)}::jsonb` as never,
      spent: sql`spent || ${JSON.stringify({ seconds })}::jsonb` as never,
      updatedAt: sql<string>`now()`,
    })
    .where('id', '=', id)
    .execute()
}

/** Adds to the part of the budget that is used up; a negative amount gives back what had been set aside. */
export async function spend(
  trx: Transaction<Database>,
  id: string,
  amounts: Partial<Omit<ResearchBudget, 'seconds'>>,
): Promise<void> {
  for (const [of, amount] of Object.entries(amounts)) {
    await trx
      .updateTable('researchSessions')
      .set({
        spent: sql`jsonb_set(spent, ${[of]}::text[], to_jsonb((spent ->> ${of})::int + ${amount}::int))` as never,
      })
      .where('id', '=', id)
      .execute()
  }
}

/** A session's end, of which its user's webhooks are told; `outputs` are added to those that are there. */
export async function endSession(
  trx: Transaction<Database>,
  id: string,
  status: 'completed' | 'failed',
  outputs: ResearchOutputs = {},
) {
  const session = await trx
    .updateTable('researchSessions')
    .set({
      status,
      outputs: sql`outputs || ${JSON.stringify(outputs)}::jsonb` as never,
      finishedAt: sql<string>`now()`,
      updatedAt: sql<string>`now()`,
    })
    .where('id', '=', id)
    .returning(wholeSessionColumns)
    .executeTakeFirstOrThrow()
  const { userId, name } = session
  await emit(trx, {
    userId,
    type: `research.${status}`,
    data: { sessionId: id, name, problem: outputs.problem ?? null },
  })
  return session
}
