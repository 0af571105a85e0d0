import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { type Database, rawRead, rawWrite } from '@extropy/db'
import { createMemoryLanes, type HostLanes } from '@extropy/intake'
import { type Kysely, sql } from 'kysely'

interface DatabaseLanesOptions {
  /**
   * How long a turn may take from its start on; then its holder counts as killed. A fetch ends after 20 s. Default 25,000 ms.
   */
  readonly leaseMs?: number
  /** A turn that could not be given back: it ends with its lease. */
  readonly onError?: (error: unknown) => void
}

/** Between two looks at a lane that another process holds; one process looks once, however many of it wait. */
const lookAfterMs = (minIntervalMs: number) => Math.min(1000, Math.max(50, minIntervalMs / 2))

/**
 * A process that was in the lane lets the others look first: without this, one with much to ask took ten turns in a row from one
 * with little. Part of the interval, which passes anyway.
 */
const letOthersFirstMs = (minIntervalMs: number) => (minIntervalMs < 100 ? 0 : 1.2 * lookAfterMs(minIntervalMs))

/**
 * Lanes of all processes on one database. In a process those who wait stand in its own memory; the first of them takes the next
 * turn, which may lie ahead, by one statement, and waits for it here. Only where another process is in the lane does it ask again,
 * twice an interval: after a release an interval passes anyway, so that nothing is lost by seeing it late.
 *
 * All times are the database's. What the wire takes makes a wait longer, never shorter.
 */
export function createDatabaseLanes(
  db: Kysely<Database>,
  { leaseMs = 25_000, onError = () => {} }: DatabaseLanesOptions = {},
): HostLanes {
  const here = createMemoryLanes()

  const takeTurn = async (lane: string, minIntervalMs: number, signal: AbortSignal | undefined) => {
    const holder = randomUUID()
    for (;;) {
      signal?.throwIfAborted()
      const waitMs = await reserve(db, { lane, holder, minIntervalMs, leaseMs })
      try {
        // The timer is coarse, and may fire a millisecond early.
        if (waitMs === undefined || waitMs > 0) {
          const ms = waitMs === undefined ? lookAfterMs(minIntervalMs) : Math.ceil(waitMs) + 1
          await setTimeout(ms, undefined, signal && { signal })
        }
        signal?.throwIfAborted()
      } catch (error) {
        if (waitMs !== undefined) await giveUp(db, lane, holder).catch(onError)
        throw signal?.aborted ? signal.reason : error
      }
      if (waitMs !== undefined) return holder
    }
  }

  return {
    async acquire(lane, minIntervalMs, signal) {
      const leave = await here.acquire(lane, 0, signal)
      try {
        const holder = await takeTurn(lane, minIntervalMs, signal)
        let isReleased = false
        return (pauseMs = 0) => {
          if (isReleased) return
          isReleased = true
          void release(db, { lane, holder, pauseMs })
            .catch(onError)
            .then(() => setTimeout(letOthersFirstMs(minIntervalMs), undefined, { ref: false }))
            .then(() => leave())
        }
      } catch (error) {
        leave()
        throw error
      }
    },
    async waitMs(lane, minIntervalMs) {
      const [inMemory, { rows }] = await Promise.all([
        here.waitMs(lane, minIntervalMs),
        rawRead(
          ['hostLanes'],
          sql<{ waitMs: number }>`
          select ${millisecondsUntil(dueAt(minIntervalMs))} + case when held_until > clock_timestamp()
            then ${minIntervalMs}::float8 else 0 end as wait_ms
          from host_lanes where lane = ${lane}`,
        ).execute(db),
      ])
      return Math.max(inMemory, rows[0]?.waitMs ?? 0)
    },
  }
}

interface Turn {
  readonly lane: string
  readonly holder: string
}

/** How long until the turn that was taken; undefined where another process is in the lane. */
async function reserve(
  db: Kysely<Database>,
  { lane, holder, minIntervalMs, leaseMs }: Turn & { readonly minIntervalMs: number; readonly leaseMs: number },
): Promise<number | undefined> {
  const lease = sql`${leaseMs} * interval '1 ms'`
  const { rows } = await rawWrite(
    ['hostLanes'],
    sql<{ waitMs: number }>`
    insert into host_lanes (lane, holder, held_until) values (${lane}, ${holder}, clock_timestamp() + ${lease})
    on conflict (lane) do update set holder = excluded.holder,
      held_until = greatest(clock_timestamp(), ${dueAt(minIntervalMs)}) + ${lease}
    where host_lanes.held_until <= clock_timestamp()
    returning ${millisecondsUntil(dueAt(minIntervalMs))} as wait_ms`,
  ).execute(db)
  return rows[0]?.waitMs
}

const dueAt = (minIntervalMs: number) => sql`greatest(
  host_lanes.released_at + ${minIntervalMs} * interval '1 ms', host_lanes.paused_until)`

const millisecondsUntil = (time: ReturnType<typeof dueAt>) =>
  sql`greatest(0, extract(epoch from greatest(${time}, clock_timestamp()) - clock_timestamp()) * 1000)::float8`

async function release(db: Kysely<Database>, { lane, holder, pauseMs }: Turn & { readonly pauseMs: number }) {
  await rawWrite(
    ['hostLanes'],
    sql`
    update host_lanes set holder = null, held_until = '-infinity', released_at = clock_timestamp(),
      paused_until = greatest(paused_until, clock_timestamp() + ${pauseMs} * interval '1 ms')
    where lane = ${lane} and holder = ${holder}`,
  ).execute(db)
}

/** A turn that was not used leaves the lane as it was. */
async function giveUp(db: Kysely<Database>, lane: string, holder: string): Promise<void> {
  await rawWrite(
    ['hostLanes'],
    sql`update host_lanes set holder = null, held_until = '-infinity' where lane = ${lane} and holder = ${holder}`,
  ).execute(db)
}
