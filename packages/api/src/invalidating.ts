import type { Cache } from '@extropy/cache'
import { createRecorder, type Database, withScope } from '@extropy/db'
import type { Kysely } from 'kysely'
import { AppError } from './errors.ts'
import type { ReplicaReads } from './replica-reads/replica-reads.ts'

/**
 * Runs work that changes the database. When it answers, and also when it fails half-way, every answer that it may have
 * changed is out of reach, here and on all servers that share the cache: after its commits, before anyone hears of them.
 *
 * @throws AppError not_told where that is not certain of other servers, and where the primary was replaced meanwhile, perhaps with the change.
 */
export async function invalidating<Result>(
  {
    db,
    cache,
    replicaReads,
    primaryMoves,
  }: {
    readonly db: Kysely<Database>
    readonly cache: Cache
    readonly replicaReads?: ReplicaReads | undefined
    readonly primaryMoves?: (() => number) | undefined
  },
  work: (db: Kysely<Database>) => Promise<Result>,
): Promise<Result> {
  const recorder = createRecorder()
  const since = replicaReads?.era()
  const movesBefore = primaryMoves?.()
  const invalidate = async () => {
    await recorder.addShown(db)
    if (recorder.writes.size === 0) return 'everywhere'
    const told = cache.invalidateTags([...recorder.writes])
    // Begun, not done: here the tags are invalid already, and so their place in the log is asked for after that.
    const isNoted = (since && (await replicaReads?.noteWrite(since))) ?? true
    const isTold = (await told) === 'everywhere'
    return isTold && isNoted && primaryMoves?.() === movesBefore ? 'everywhere' : 'local'
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

const notTold =
  'The change is stored, but other servers could not be told of it and may show the old state for a while. Send the same request again, with its Idempotency-Key where it has one.'
