import { type Database, type SourceStatus, sourceStatuses } from '@extropy/db'
import type { Kysely } from 'kysely'

/** How many sources there are of each status: a walk along the index of statuses. */
export async function readSourceStats(db: Kysely<Database>): Promise<Record<SourceStatus, number>> {
  const rows = await db
    .selectFrom('sources')
    .select(({ fn }) => ['status', fn.countAll<number>().as('count')])
    .groupBy('status')
    .execute()
  const counts = new Map(rows.map(({ status, count }) => [status, Number(count)]))
  return Object.fromEntries(sourceStatuses.map((status) => [status, counts.get(status) ?? 0])) as never
}
