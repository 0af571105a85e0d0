import type { Cache } from '@extropy/cache'
import { createRecorder, type Database, withScope } from '@extropy/db'
import type { Kysely } from 'kysely'

/**
 * Runs work that changes the database. When it answers, and also when it fails half-way, every answer that it may have
 * changed is out of reach, here and on all servers that share the cache: after its commits, before anyone hears of them.
 */
export async function invalidating<Result>(
  { db, cache }: { readonly db: Kysely<Database>; readonly cache: Cache },
  work: (db: Kysely<Database>) => Promise<Result>,
): Promise<Result> {
  const recorder = createRecorder()
  try {
    return await work(withScope(db, { recorder }))
  } finally {
    await recorder.addShown(db)
    if (recorder.writes.size > 0) await cache.invalidateTags([...recorder.writes])
  }
}
