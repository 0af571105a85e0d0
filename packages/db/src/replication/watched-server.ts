import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { CannotConnectError, translateUnavailable } from '../pg-errors.ts'
import { formatLsn, type Lsn, laterOf, parseLsn } from './lsn.ts'
import { serverName } from './server-urls.ts'

/** A server as it was at one moment. */
export interface Look {
  readonly isStandby: boolean
  /** It takes writes. */
  readonly isWritable: boolean
  readonly systemId: string
  /** The oid of the database that the URL leads to: the same on a primary and its standbys. */
  readonly databaseId: string
  /** Raised by each promotion. */
  readonly timeline: number
  /** A primary's: all commits that were answered before the look. A standby's: all that it shows. */
  readonly lsn: Lsn
  /** When it was started, as text: another server, or another start of it, has another. */
  readonly startedAt: string
  readonly version: number
}

/** A connection of its own to one server, opened anew when it breaks, for questions about the server itself. */
export interface WatchedServer {
  readonly name: string
  readonly url: string
  /** The connection's number. What was seen on one says nothing about what is seen on the next: the server may have been restarted. */
  readonly generation: number
  /** The newest place that a standby has shown on this connection; 0 where there is none, or where it is no standby any more. */
  readonly lsn: Lsn
  /** The newest place that a standby has been sent by a primary to which it is connected, replayed or not; 0 where there is none. */
  readonly received: Lsn
  /** The timeline it was last seen on, on this connection; 0 where it was not. A primary tells with each place, a standby with each look. */
  readonly timeline: number
  /** See `Look`; undefined while there is no connection. */
  readonly startedAt: string | undefined
  /** @throws DatabaseUnavailableError */
  look(): Promise<Look>
  /** The place at a moment after this call: a question that is on its way already does not do. Callers share the next. */
  askLsn(): Promise<Lsn>
  /** Whether a standby has replayed so far before the deadline. Those who wait share its questions. */
  waitFor(lsn: Lsn, deadlineMs: number): Promise<boolean>
  close(): Promise<void>
}

/** A server that says nothing for so long is away. */
const patienceMs = 1500
/** PostgreSQL 19 tells when it has replayed so far; older ones are asked again. */
const hasWaitForLsn = 190_000
const askEveryMs = 2

// A commit that was answered has been flushed, unless its session waits for no flush; only what was flushed is sent to standbys.
const place = `
  case when pg_is_in_recovery() then pg_last_wal_replay_lsn()
       when current_setting('synchronous_commit') = 'off' then pg_current_wal_insert_lsn()
       else pg_current_wal_flush_lsn() end::text`

// Without a primary a standby may have been sent half a record, which it never replays.
const sent = '(select pg_last_wal_receive_lsn()::text where exists (select from pg_stat_wal_receiver))'

// The control file learns of a promotion with its next checkpoint; the name of the current WAL file tells at once.
export const ownTimeline = `('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int`

const selectLook = `
  select pg_is_in_recovery() as is_standby, current_setting('transaction_read_only') = 'off' as is_writable,
    (select system_identifier::text from pg_control_system()) as system_id,
    (select oid::text from pg_database where datname = current_database()) as database_id,
    case when pg_is_in_recovery()
      then (select greatest(timeline_id, (select min_recovery_end_timeline from pg_control_recovery()),
                            (select received_tli from pg_stat_wal_receiver)) from pg_control_checkpoint())
      else ${ownTimeline} end as timeline,
    ${place} as lsn, ${sent} as received, extract(epoch from pg_postmaster_start_time())::text as started_at,
    current_setting('server_version_num')::int as version`

export const selectStartedAt = 'select extract(epoch from pg_postmaster_start_time())::text as started_at'

const selectPlace = `
  select ${place} as lsn, ${sent} as received, pg_is_in_recovery() as is_standby,
    case when not pg_is_in_recovery() then ${ownTimeline} end as timeline`

interface PlaceRow {
  readonly is_standby: boolean
  readonly lsn: string | null
  readonly received: string | null
  readonly timeline: number | null
}

interface LookRow extends PlaceRow, Record<'system_id' | 'database_id' | 'started_at', string> {
  readonly is_writable: boolean
  readonly timeline: number
  readonly version: number
}

export function watchServer(url: string): WatchedServer {
  const name = serverName(url)
  let client: pg.Client | undefined
  let opening: Promise<pg.Client> | undefined
  let generation = 0
  let lsn: Lsn = 0n
  let received: Lsn = 0n
  let timeline = 0
  let startedAt: string | undefined
  let wasStandby: boolean | undefined
  let version = 0
  let closed = false

  /** What was seen so far says nothing about what is seen from now on. */
  const beginAnew = () => {
    generation++
    lsn = 0n
    received = 0n
    timeline = 0
    startedAt = undefined
    wasStandby = undefined
  }

  const lose = (lost: pg.Client) => {
    ;(lost as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy()
    if (client !== lost) return
    client = undefined
    opening = undefined
    beginAnew()
  }

  const open = async (): Promise<pg.Client> => {
    const made = new pg.Client({
      connectionString: url,
      application_name: 'extropy replication',
      connectionTimeoutMillis: patienceMs,
      query_timeout: patienceMs,
      keepAlive: true,
    } as pg.ClientConfig)
    client = made
    made.on('error', () => lose(made)).on('end', () => lose(made))
    try {
      await made.connect()
      return made
    } catch (error) {
      lose(made)
      throw error
    }
  }

  const ask = async <Row extends pg.QueryResultRow>(text: string): Promise<Row> => {
    if (closed) throw new CannotConnectError(`${name} is no longer watched`)
    let asked: pg.Client | undefined
    opening ??= open()
    const own = opening
    try {
      asked = await own
      const { rows } = await asked.query<Row>(text)
      return rows[0] as Row
    } catch (error) {
      // Another one may have opened the next connection meanwhile.
      if (opening === own) opening = undefined
      if (asked !== undefined) lose(asked)
      const { message, code } = error as NodeJS.ErrnoException
      throw translateUnavailable(
        new CannotConnectError(`${name} cannot be reached: ${message || code}`, { cause: error }),
      )
    }
  }

  const seen = ({ lsn: text, received: sent, timeline: told, is_standby: isStandby }: PlaceRow): Lsn => {
    const found = text === null ? 0n : parseLsn(text)
    // A promoted one goes on in a log of its own: its places are no longer places of the primary that it followed.
    if (wasStandby && !isStandby) beginAnew()
    wasStandby = isStandby
    timeline = told ?? timeline
    if (isStandby) lsn = laterOf(lsn, found)
    // Not the later one: a new primary has less than the old one had sent.
    received = isStandby && sent !== null ? parseLsn(sent) : 0n
    return found
  }

  const look = async (): Promise<Look> => {
    const row = await ask<LookRow>(selectLook)
    // A pooler keeps its connection while the server behind it is started anew.
    if (startedAt !== undefined && startedAt !== row.started_at) beginAnew()
    const place = seen(row)
    startedAt = row.started_at
    version = row.version
    return {
      isStandby: row.is_standby,
      isWritable: row.is_writable,
      systemId: row.system_id,
      databaseId: row.database_id,
      timeline: row.timeline,
      lsn: place,
      startedAt: row.started_at,
      version,
    }
  }

  let asking: Promise<unknown> | undefined
  let next: Promise<Lsn> | undefined
  const askOnce = async (): Promise<Lsn> => {
    await asking?.catch(() => {})
    next = undefined
    const answer = ask<PlaceRow>(selectPlace)
    asking = answer
    return seen(await answer)
  }
  const askLsn = (): Promise<Lsn> => {
    next ??= askOnce()
    return next
  }

  const waiting = new Set<Waiting>()
  let isFollowing = false
  /** Asks for as long as somebody waits. */
  const follow = async () => {
    if (isFollowing) return
    isFollowing = true
    try {
      while (waiting.size > 0) {
        if (version >= hasWaitForLsn) await ask(waitStatement([...waiting].map((each) => each.lsn)))
        await askLsn()
        for (const each of waiting) if (each.lsn <= lsn) each.end(true)
        if (waiting.size > 0 && version < hasWaitForLsn) await setTimeout(askEveryMs)
      }
    } catch {
      for (const each of waiting) each.end(false)
    } finally {
      isFollowing = false
    }
  }

  return {
    name,
    url,
    get generation() {
      return generation
    },
    get lsn() {
      return lsn
    },
    get received() {
      return received
    },
    get timeline() {
      return timeline
    },
    get startedAt() {
      return startedAt
    },
    look,
    askLsn,
    waitFor(wanted, deadlineMs) {
      if (lsn >= wanted) return Promise.resolve(true)
      return new Promise((resolve) => {
        const own: Waiting = {
          lsn: wanted,
          end(isThere) {
            clearTimeout(timer)
            waiting.delete(own)
            resolve(isThere)
          },
        }
        // A server that hangs would not end the wait.
        const timer = globalThis.setTimeout(() => own.end(lsn >= wanted), deadlineMs)
        waiting.add(own)
        void follow()
      })
    },
    async close() {
      closed = true
      await client?.end().catch(() => {})
    },
  }
}

interface Waiting {
  readonly lsn: Lsn
  end(isThere: boolean): void
}

/** Ends when the one who waits for the least is served, and soon in any case: other questions wait behind it. */
export function waitStatement(wanted: readonly Lsn[]): string {
  const [least = 0n] = wanted.toSorted((a, b) => (a < b ? -1 : 1))
  return `wait for lsn '${formatLsn(least)}' with (timeout '10ms', no_throw)`
}
