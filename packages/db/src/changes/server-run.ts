import { type Kysely, sql } from 'kysely'
import type pg from 'pg'
import type { Database } from '../database.ts'
import { ownTimeline } from '../replication/watched-server.ts'

/** One start of one server, on one timeline: what holds a lock there is known there alone. */
export interface ServerRun {
  /** Differs where another server, another start of it or another timeline has been reached. */
  readonly id: string
  /** It may have been promoted a moment ago: others may still use the server that it replaces. */
  readonly isNew: boolean
}

const id = `concat_ws('-', ${ownTimeline}, extract(epoch from pg_postmaster_start_time()))`

export async function readServerRun(client: pg.Client, newForMs: number): Promise<ServerRun> {
  const { rows } = await client.query<ServerRun>(selectServerRun, [newForMs / 1000])
  return rows[0] as ServerRun
}

/** The id of the one that writes go to. */
export async function readRunId(db: Kysely<Database>): Promise<string> {
  const { rows } = await sql.raw<{ id: string }>(`select ${id} as id`).execute(db)
  return (rows[0] as { id: string }).id
}

// A promotion is followed by a checkpoint, whose time is that of its beginning, in whole seconds.
const selectServerRun = `
  select ${id} as id, ${ownTimeline} > 1 and (
    timeline_id < ${ownTimeline} or checkpoint_time > clock_timestamp() - make_interval(secs => $1::float8 + 1)
  ) as "isNew"
  from pg_control_checkpoint()`
