import { ownTimeline } from '../replication/watched-server.ts'

/** One start of one server, on one timeline: what holds a lock there is known there alone. */
export interface ServerRun {
  /** Differs where another server, another start of it or another timeline has been reached. */
  readonly id: string
  /** It may have been promoted a moment ago: others may still use the server that it replaces. */
  readonly isNew: boolean
}

export async function readServerRun(
  ask: (statement: string) => Promise<{ readonly rows: readonly ServerRun[] }>,
  newForMs: number,
): Promise<ServerRun> {
  const { rows } = await ask(selectServerRun(newForMs))
  return rows[0] as ServerRun
}

// A promotion is followed by a checkpoint, whose time is that of its beginning, in whole seconds.
function selectServerRun(newForMs: number): string {
  return `
    select concat_ws('-', ${ownTimeline}, extract(epoch from pg_postmaster_start_time())) as id,
      ${ownTimeline} > 1 and (
        timeline_id < ${ownTimeline} or checkpoint_time > clock_timestamp() - interval '${newForMs + 1000} ms'
      ) as "isNew"
    from pg_control_checkpoint()`
}
