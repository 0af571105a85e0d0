import { type Kysely, sql } from 'kysely'
import type { DatabaseHandle } from './create-db.ts'
import type { Database } from './database.ts'

export interface BuildProgress {
  readonly index: string
  /** The phase in PostgreSQL's words: `building index: scanning table`, `waiting for old snapshots`. */
  readonly phase: string
  /** 0 to 1 of this phase; null where the phase has no measure. */
  readonly share: number | null
}

const pollMs = 1000

/**
 * Reports on the indexes that `builder`'s session builds, from another connection of the pool: a session that is busy
 * with CREATE INDEX answers nothing. Does nothing on the embedded database, which has one session.
 */
export async function watchIndexBuild(
  handle: DatabaseHandle,
  builder: Kysely<Database>,
  onProgress: ((progress: BuildProgress) => void) | undefined,
): Promise<{ start(index: string): void; stop(): void }> {
  if (onProgress === undefined || handle.kind === 'embedded') return { start() {}, stop() {} }
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(builder)
  let index = ''
  const poll = async () => {
    const { rows: found } = await sql<{ phase: string; share: number | null }>`
      select phase, (case when tuples_total > 0 then tuples_done::float8 / tuples_total
                          when blocks_total > 0 then blocks_done::float8 / blocks_total end) as share
      from pg_stat_progress_create_index where pid = ${rows[0]?.pid}`.execute(handle.db)
    if (found[0]) onProgress({ index, ...found[0] })
  }
  // Progress is a courtesy: where it can't be had, the build goes on without.
  const timer = setInterval(() => poll().catch(() => {}), pollMs)
  return {
    start(name) {
      index = name
    },
    stop() {
      clearInterval(timer)
    },
  }
}
