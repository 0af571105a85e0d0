import { randomUUID } from 'node:crypto'
import { type Database, rawWrite } from '@extropy/db'
import { type Kysely, sql } from 'kysely'

/** Which of several processes on one database does what one is enough for, while there is something to do. */
export interface Lead {
  /** Takes the lead, or keeps it for another lease. `new`: others may have had it since. Undefined: another process has it. */
  take(): Promise<'new' | 'kept' | undefined>
  /** Nothing is left to do here. */
  leave(): Promise<void>
}

/** A process that is killed loses it after `leaseMs`; so does one whose turn takes longer, and then some work may be done twice. */
export function createLead(db: Kysely<Database>, task: string, leaseMs: number): Lead {
  const lane = `task:${task}`
  const holder = randomUUID()
  /** By this process's clock, from before it asked. */
  let heldUntil = 0
  return {
    async take() {
      const now = performance.now()
      const { rows } = await rawWrite(
        ['hostLanes'],
        sql`
        insert into host_lanes (lane, holder, held_until)
        values (${lane}, ${holder}, clock_timestamp() + ${leaseMs} * interval '1 ms')
        on conflict (lane) do update set holder = excluded.holder, held_until = excluded.held_until
        where host_lanes.holder = excluded.holder or host_lanes.held_until <= clock_timestamp()
        returning lane`,
      ).execute(db)
      if (rows.length === 0) {
        heldUntil = 0
        return undefined
      }
      const turn = now < heldUntil ? 'kept' : 'new'
      heldUntil = now + leaseMs
      return turn
    },
    async leave() {
      if (heldUntil === 0) return
      heldUntil = 0
      await rawWrite(
        ['hostLanes'],
        sql`
        update host_lanes set holder = null, held_until = '-infinity', released_at = clock_timestamp()
        where lane = ${lane} and holder = ${holder}`,
      ).execute(db)
    },
  }
}
