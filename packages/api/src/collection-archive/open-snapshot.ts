import type { Database } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import { AppError } from '../errors.ts'

export interface SnapshotLimits {
  /** So many at once, on all servers of the database. Default 2. */
  readonly most?: number
  /** Has one at a time. Left out: nobody's. */
  readonly userId?: string
  /** Of a caller who takes no line. Default 30,000 ms. */
  readonly idleMs?: number
  /** Characters a second that a caller must take, as soon as it has been waited for as long as `rateFromMs` in all. Default 10,000. */
  readonly leastRate?: number
  /** Default 60,000 ms. */
  readonly rateFromMs?: number
  /** Of a whole archive. Default 3,600,000 ms. */
  readonly longestMs?: number
}

/** The database at one moment, for as long as its transaction is open. */
export interface Snapshot {
  readonly db: Kysely<Database>
  /** The caller has a line of so many characters, and time for it. */
  rest(characters: number): void
  /** The caller is back. @throws AppError request_timeout where that took too long */
  goOn(): void
  close(): Promise<void>
}

const tooSlow = 'The archive broke off: its lines were taken too slowly.'

/** The class of the advisory locks that count snapshots; any number that nothing else here uses. */
const lockClass = 7_133_019
const ownLockClass = 7_133_020

/**
 * A transaction holds a connection, and keeps the database from cleaning up behind it: so there are few, each has an end, and one whose
 * caller is silent is closed.
 *
 * @throws AppError overloaded
 */
export async function openSnapshot(
  db: Kysely<Database>,
  { most = 2, userId, idleMs = 30_000, leastRate = 10_000, rateFromMs = 60_000, longestMs = 3_600_000 }: SnapshotLimits,
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
    if (userId !== undefined && !(await takeOwnPlace(trx, userId))) {
      throw new AppError('overloaded', 'An archive of yours is being written already. Try again when it has ended.')
    }
    if (!(await takePlace(trx, most))) {
      throw new AppError('overloaded', `${most} archives are being written already. Try again in a moment.`)
    }
  } catch (error) {
    await close()
    throw error
  }
  let taken = 0
  let restingSince = performance.now()
  let restedMs = 0
  return {
    db: trx,
    rest(characters) {
      taken += characters
      restingSince = performance.now()
      idle = setTimeout(silent, idleMs).unref()
    },
    goOn() {
      clearTimeout(idle)
      // The caller's own time counts, and not the database's.
      if (taken > 0) restedMs += performance.now() - restingSince
      if (restedMs > rateFromMs && (1000 * taken) / restedMs < leastRate) expire(tooSlow)()
      if (refusal !== undefined) throw refusal
    },
    close,
  }
}

/** Of two users whose ids have the same hash, one waits for the other. */
async function takeOwnPlace(trx: Kysely<Database>, userId: string): Promise<boolean> {
  const { rows } = await sql<{ isMine: boolean }>`
    select pg_try_advisory_xact_lock(${sql.lit(ownLockClass)}, hashtext(${userId})) as is_mine`.execute(trx)
  return rows[0]?.isMine === true
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
