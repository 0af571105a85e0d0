import { type Kysely, sql } from 'kysely'
import { announceChanges } from '../changes/announce-changes.ts'
import type { DatabaseHandle } from '../create-db.ts'
import type { Database } from '../database.ts'
import { dropIndexes } from '../indexes.ts'
import { type MigrateStep, migrate } from '../migrate.ts'
import { createPartitions } from '../partitions.ts'
import { generateLedger } from './generate-ledger.ts'
import { randomFunctions } from './random-functions.ts'
import { type GeneratedTable, sizesFor, tableStatements } from './table-statements.ts'

export interface GenerateOptions {
  /** Everything else follows from it: a user per 20 cards, an attribution per 4, a transfer per 4, and so on. */
  readonly cards: number
  /** The same seed and number of cards give the same rows. Default 1. */
  readonly seed?: number
  /** Rows per statement. Default 10,000. */
  readonly batchSize?: number
  readonly onProgress?: (progress: GenerateProgress) => void
  /** Called with each index that is built after a large load. */
  readonly onStep?: (step: MigrateStep) => void
}

export interface GenerateProgress {
  readonly table: GeneratedTable | 'extropyLedger'
  /** Rows of this table so far. */
  readonly rows: number
  readonly totalRows: number
}

/** The tables hold rows already: generated ones would mix with somebody's own. */
export class DatabaseNotEmptyError extends Error {
  override readonly name = 'DatabaseNotEmptyError'
}

/** The data's last day; fixed, because a clock would make other data of the same seed tomorrow. */
const until = '2026-11-01T00:00:00Z'
const months = 24

/** From this many cards on it pays to drop the indexes and rebuild them afterwards. */
const bulkCards = 20_000

/**
 * Fills a migrated, empty database with made-up rows of every table, deterministic and skewed like life. Returns how
 * many rows of each.
 *
 * @throws DatabaseNotEmptyError
 */
export async function generate(handle: DatabaseHandle, options: GenerateOptions): Promise<Record<string, number>> {
  const written = await fillTables(handle, options)
  // Rebuilds the dropped indexes; refreshes statistics in any case.
  if (options.cards >= bulkCards) await migrate(handle, options.onStep === undefined ? {} : { onStep: options.onStep })
  else await sql`analyze`.execute(handle.db)
  return written
}

async function fillTables(handle: DatabaseHandle, options: GenerateOptions): Promise<Record<string, number>> {
  const { cards, seed = 1, batchSize = 10_000, onProgress = () => {} } = options
  const sizes = sizesFor(cards)
  // A second session has the next batch ready while the first one waits for its disk.
  const sessionCount = handle.kind === 'postgres' && cards >= bulkCards ? 2 : 1
  return withSessions(handle, sessionCount, seed, async ([db, ...others]) => {
    const { rows: used } = await sql`select from users union all select from cards limit 1`.execute(db)
    if (used.length > 0) {
      throw new DatabaseNotEmptyError('There are users or cards in this database already. Generate into an empty one.')
    }
    await createPartitions(db, { from: new Date(Date.parse(until) - months * 30 * 86_400_000) })
    if (cards >= bulkCards) await dropIndexes(db)

    const written: Record<string, number> = {}
    for (const [table, statement] of Object.entries(tableStatements(sizes, until, months))) {
      const totalRows = sizes[table as GeneratedTable]
      // Attributions may collide, and two sessions that wait for each other's rows are a deadlock.
      const sessions: Sessions = table === 'attributions' ? [db] : [db, ...others]
      written[table] = await fillTable(sessions, statement, { totalRows, batchSize }, (rows) =>
        onProgress({ table: table as GeneratedTable, rows, totalRows }),
      )
    }
    written.extropyLedger = await generateLedger(db, {
      until,
      months,
      users: sizes.users,
      transfers: Math.round(cards / 4),
      batchSize,
      onProgress: (rows, totalRows) => onProgress({ table: 'extropyLedger', rows, totalRows }),
    })
    await announceChanges(db, ['users', 'cards', 'extropyLedger'])
    return written
  })
}

/**
 * Batch after batch, each by the session that is free. The first four go one by one: a card's parent is in the first
 * half of the cards before it, so from then on it is in a batch that was done before.
 */
async function fillTable(
  [first, ...others]: Sessions,
  statement: string,
  { totalRows, batchSize }: { totalRows: number; batchSize: number },
  onRows: (rows: number) => void,
): Promise<number> {
  let next = 0
  let written = 0
  const work = async (db: Kysely<Database>, stopAt: number) => {
    while (next < stopAt) {
      const last = Math.min(next + batchSize, totalRows) - 1
      const bounded = statement.replace('$1', String(next)).replace('$2', String(last))
      next = last + 1
      const { numAffectedRows } = await sql.raw(bounded).execute(db)
      written += Number(numAffectedRows ?? 0)
      onRows(last + 1)
    }
  }
  await work(first, Math.min(4 * batchSize, totalRows))
  await Promise.all([first, ...others].map((db) => work(db, totalRows)))
  return written
}

type Sessions = readonly [Kysely<Database>, ...Kysely<Database>[]]

async function withSessions<Result>(
  handle: DatabaseHandle,
  count: number,
  seed: number,
  work: (sessions: Sessions) => Promise<Result>,
  opened: readonly Kysely<Database>[] = [],
): Promise<Result> {
  return handle.db.connection().execute(async (db) => {
    await sql`set statement_timeout = 0`.execute(db)
    for (const statement of randomFunctions(seed)) await sql.raw(statement).execute(db)
    try {
      const sessions: Sessions = [db, ...opened]
      return await (sessions.length === count ? work(sessions) : withSessions(handle, count, seed, work, sessions))
    } finally {
      await sql`reset statement_timeout`.execute(db)
    }
  })
}
