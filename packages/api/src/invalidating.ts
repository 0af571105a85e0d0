import type { Cache } from '@extropy/cache'
import { CannotConnectError, createRecorder, type Database, withScope } from '@extropy/db'
import type { Kysely } from 'kysely'
import { AppError } from './errors.ts'
import type { ReplicaReads } from './replica-reads/replica-reads.ts'

/**
 * Runs work that changes the database. When it answers, and also when it fails half-way, every answer that it may have
 * changed is out of reach, here and on all servers that share the cache: after its commits, before anyone hears of them.
 *
 * @throws AppError not_told where that is not certain of other servers; CannotConnectError, before the work, where the primary is a fork by the
 *   caller's stamp.
 */
export async function invalidating<Result>(
  {
    db,
    cache,
    replicaReads,
    stamp,
  }: {
    readonly db: Kysely<Database>
    readonly cache: Cache
    readonly replicaReads?: ReplicaReads | undefined
    /** The caller's. */
    readonly stamp?: string | undefined
  },
  work: (db: Kysely<Database>) => Promise<Result>,
): Promise<Result> {
  if (stamp !== undefined && (await replicaReads?.mayWrite(stamp)) === false) throw new CannotConnectError(isOlder)
  const recorder = createRecorder()
  const since = replicaReads?.era()
  const invalidate = async () => {
    await recorder.addShown(db)
    if (recorder.writes.size === 0) return 'everywhere'
    const told = cache.invalidateTags([...recorder.writes])
    // Begun, not done: here the tags are invalid already, and so their place in the log is asked for after that.
    const isNoted = (since && (await replicaReads?.noteWrite(since))) ?? true
    return (await told) === 'everywhere' && isNoted ? 'everywhere' : 'local'
  }
  let result: Result
  try {
    result = await work(withScope(db, { recorder }))
  } catch (error) {
    await invalidate()
    throw error
  }
  if ((await invalidate()) === 'local') throw new AppError('not_told', notTold)
  return result
}

const isOlder = 'The primary that this server knows has been replaced, by the Extropy-Stamp of the request'

const notTold =
  'The change is stored, but other servers could not be told of it and may show the old state for a while. Send the same request again, with its Idempotency-Key where it has one.'
