import type { Database } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import { AppError } from '../errors.ts'

export interface SnapshotLimits {
  /** So many at once, on all servers of the database. Default 2. */
  readonly most?: number
  /** Of a caller who takes no line. Default 30,000 ms. */
  readonly idleMs?: number
  /** Of a whole archive. Default 3,600,000 ms. */
  readonly longestMs?: number
}

/** The database at one moment, for as long as its transaction is open. */
export interface Snapshot {
  readonly db: Kysely<Database>
  /** The caller has a line, and time for it. */
  rest(): void
  /** The caller is back. @throws AppError request_timeout where that took too long */
  goOn(): void
  close(): Promise<void>
}

/** The class of the advisory locks that count snapshots; any number that nothing else here uses. */
const lockClass = 7_133_019

/**
 * A transaction holds a connection, and keeps the database from cleaning up behind it: so there are few, each has an end, and one whose
 * caller is silent is closed.
 *
 * @throws AppError overloaded
 */
export async function openSnapshot(
  db: Kysely<Database>,
  { most = 2, idleMs = 30_000, longestMs = 3_600_000 }: SnapshotLimits,
): Promise<Snapshot> {
  const trx = await db.startTransaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute()
  let closing: Promise<void> | undefined
  let refusal: AppError | undefined
  const close = () => {
    clearTimeout(idle)
    clearTimeout(end)
    closing ??= trx
      .rollback()
      .execute()
      .then(() => {})
    return closing
  }
  const expire = (message: string) => () => {
    refusal = new AppError('request_timeout', message)
    close().catch(() => {})
  }
  const silent = expire('The archive broke off: nobody has taken its lines for too long.')
  let idle = setTimeout(silent, idleMs).unref()
  const end = setTimeout(expire('The archive broke off: it took too long as a whole.'), longestMs).unref()
  try {
    if (!(await takePlace(trx, most))) {
      throw new AppError('overloaded', `${most} archives are being written already. Try again in a moment.`)
    }
  } catch (error) {
    await close()
    throw error
  }
  return {
    db: trx,
    rest() {
      idle = setTimeout(silent, idleMs).unref()
    },
    goOn() {
      clearTimeout(idle)
      if (refusal !== undefined) throw refusal
    },
    close,
  }
}

/** The places are locks of the database, which end with the transaction, whatever becomes of the server. */
async function takePlace(trx: Kysely<Database>, most: number): Promise<boolean> {
  for (let place = 1; place <= most; place++) {
    const { rows } = await sql<{ isMine: boolean }>`
      select pg_try_advisory_xact_lock(${sql.lit(lockClass)}, ${sql.lit(place)}) as is_mine`.execute(trx)
    if (rows[0]?.isMine) return true
  }
  return false
}
