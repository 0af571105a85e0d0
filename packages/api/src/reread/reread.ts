import type { Database } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import { inTransaction } from '../transaction.ts'
import { rereadCards } from './cards.reread.ts'
import { rereadPassages } from './passages.reread.ts'
import type { Reread } from './reread-part.ts'

export interface RereadStep {
  readonly kind: 'read anew'
  readonly name: string
  readonly durationMs: number
}

export interface RereadOptions {
  /** Called with each part that has rows to read, which may take long: some 10 ms a passage in the embedded database. */
  readonly onStart?: (part: string) => void
  readonly onStep?: (step: RereadStep) => void
}

const rereads: readonly Reread[] = [rereadCards, rereadPassages]

/**
 * Updates stored rows to the present rules for words, after a new version of this program. A batch a transaction: killed
 * at any moment, it goes on where it was, and several processes take turns. Costs one query where there is nothing to do.
 */
export async function rereadTexts(db: Kysely<Database>, options: RereadOptions = {}): Promise<void> {
  const { onStart = () => {}, onStep = () => {} } = options
  for (const reread of await pending(db)) {
    const startedAt = performance.now()
    if (!(await readBatch(db, reread))) continue
    onStart(reread.part)
    while (await readBatch(db, reread));
    onStep({ kind: 'read anew', name: reread.part, durationMs: performance.now() - startedAt })
  }
}

/** The parts that `rereadTexts` would look through: all of them where the migration that it needs has not run yet. */
export async function planReread(db: Kysely<Database>): Promise<Omit<RereadStep, 'durationMs'>[]> {
  const { rows } = await sql<{ exists: boolean }>`select to_regclass('text_versions') is not null as exists`.execute(db)
  const left = rows[0]?.exists ? await pending(db) : rereads
  return left.map(({ part }) => ({ kind: 'read anew', name: part }))
}

async function pending(db: Kysely<Database>): Promise<Reread[]> {
  const states = await db.selectFrom('textVersions').selectAll().execute()
  return rereads.filter(({ part, version }) => {
    const state = states.find((row) => row.part === part)
    return state === undefined || state.version < version || (state.version === version && state.reached !== null)
  })
}

/** False where nothing was left. */
function readBatch(db: Kysely<Database>, { part, version, next }: Reread): Promise<boolean> {
  return inTransaction(db, async (trx) => {
    await trx
      .insertInto('textVersions')
      .values({ part, version, reached: '' })
      .onConflict((conflict) => conflict.column('part').doNothing())
      .execute()
    const state = await trx
      .selectFrom('textVersions')
      .selectAll()
      .where('part', '=', part)
      .forUpdate()
      .executeTakeFirstOrThrow()
    const after = state.version < version ? '' : state.reached
    if (after === null || state.version > version) return false
    const reached = (await next(trx, after)) ?? null
    await trx.updateTable('textVersions').set({ version, reached }).where('part', '=', part).execute()
    return reached !== null
  })
}
