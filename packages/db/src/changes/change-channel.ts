import { setTimeout } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import pg from 'pg'
import type { Database } from '../database.ts'
import { sqlState } from '../pg-errors.ts'
import { findAddress, type ServerAddress } from '../replication/replication.ts'
import { selectDatabaseId } from './database-id.ts'
import { type Medium, mediumOf, noMedium } from './medium.ts'
import { readServerRun, type ServerRun } from './server-run.ts'

/** The part of memory that must be read anew: whatever carries one of these tags, or everything. */
export type Changed = readonly string[] | 'all'

/**
 * Keeps the memory of all servers, answers and API keys, free of outdated values, through PostgreSQL alone. Every server
 * holds a shared advisory lock while its memory may be used, and releases it, memory emptied, when it is told of a
 * change. The writer then takes the lock exclusively: holding it means that no server remembers the old state.
 */
export interface ChangeChannel {
  /** False while a change might pass unheard: memory must not be used then, nor filled. */
  isLive(): boolean
  /** Whether it is live and no other server is there, nor can come unheard. */
  isAlone(): boolean
  /** Resolves when the channel is live, when it is known that it never will be, or after the lease. */
  readonly opened: Promise<void>
  /** Tells all servers of a change. Resolves when none can still use the old state; at worst after the lease. */
  tell(changed: Changed): Promise<void>
  /** This server has joined an epoch of a Redis. Until all others know, the channel is not live. */
  join(epoch: string): void
  /** The same as `tell`, where somebody else has not joined this epoch; its Redis has told those who have. */
  tellStrangers(changed: Changed, epoch: string): Promise<void>
  /** Resolves when no server can still use API keys that it read before this call; at worst after the lease. */
  waitForOthers(): Promise<void>
  close(): Promise<void>
}

interface ChangeChannelOptions {
  /** The result of `readDatabaseId`: the listener must have reached the same database. */
  readonly databaseId: string
  /** Called when any server or statement has changed an API key. */
  readonly onKeyChange: () => void
  /** Called with a change; until the promise is kept, the channel is not live. Rejections are not awaited. */
  readonly onChange: (changed: Changed) => Promise<void>
  /** Called with a table that a program other than a server may have changed: see migration 12. Not for every change, but after the last. */
  readonly onTableChange: (table: string) => Promise<void>
  /** Called when another server has come: until the promise is kept, or the lease is over, it does not serve. */
  readonly onCompany?: () => Promise<void>
  /** Called with the reason why nothing will ever be heard. */
  readonly onUseless?: (reason: string) => void
  /** Called when, for some time, another server has had another Redis than this one, or one of the two none. */
  readonly onStrangers?: () => void
  /** After how long. Default 10,000 ms: a Redis that was emptied is joined anew by one after the other. */
  readonly strangersAfterMs?: number
  /** How often the connection is tried. Default 500 ms. */
  readonly heartbeatMs?: number
  /** A connection not heard from for so long counts as cut, here and for others. Default 3000 ms. */
  readonly leaseMs?: number
}

/** Any numbers, as long as nothing else in the database takes the same advisory locks: "keys" and "here" in ASCII. */
const memoryLock = 0x6b_65_79_73
const presenceLock = 0x68_65_72_65

const channels = {
  keys: 'extropy_api_keys',
  tables: 'extropy_changes',
  tags: 'extropy_tags',
  presence: 'extropy_presence',
}
/** Bytes; a notification takes 7,999. */
const maxPayload = 7500

const lockNotAvailable = '55P03'
/** The first call mostly suffices; the others are for a first one that came too early. */
const callEveryMs = 10

/**
 * Listens on a connection of its own, opened anew whenever it breaks. Whatever may have passed unheard counts as a change of
 * everything: at the start, when the connection is back, and when another server has gone without an announcement, for
 * it may have told nobody of its last commit. Behind a pooler, where neither LISTEN nor a lock of the session is this server's own,
 * the channel is never live.
 *
 * A server that was promoted, or started anew, knows of nobody's locks. For a lease after it has been reached, others may still
 * use their memory by the locks that they hold on the server before it: a change counts as told only when that time is over.
 */
export function openChangeChannel(
  server: string | ServerAddress,
  db: Kysely<Database>,
  options: ChangeChannelOptions,
): ChangeChannel {
  const address = typeof server === 'string' ? findAddress(server) : server
  const { databaseId, onKeyChange, onChange, onTableChange, onCompany = async () => {}, onUseless = () => {} } = options
  const { heartbeatMs = 500, leaseMs = 3000, strangersAfterMs = 10_000, onStrangers = () => {} } = options
  /** Whoever has not been heard from for so long uses its memory no more. */
  const patienceMs = leaseMs + heartbeatMs
  const { promise: opened, resolve: open } = Promise.withResolvers<void>()
  let client: pg.Client | undefined
  let closed = false
  let isLocked = false
  /** When the last heartbeat that was answered had been sent. */
  let heardAt = Number.NEGATIVE_INFINITY
  let beating = false
  let beatAt = 0
  /** Sessions of other servers, and those of them that said that they would go. */
  let present = new Map<number, Medium>()
  const arrived = new Map<number, Medium>()
  const left = new Set<number>()
  /** What this server has joined, what its lock says, and what all others know. */
  let joinedEpoch: string | undefined
  let joined = noMedium
  let locked: Medium | undefined
  let introduced: Medium | undefined
  let strangersSince: number | undefined
  let run: string | undefined
  /** Until then, others may use locks that this database server knows nothing of. */
  let isNewUntil = Number.NEGATIVE_INFINITY

  const lose = (lost: pg.Client) => {
    if (client !== lost) return
    client = undefined
    isLocked = false
    locked = undefined
    introduced = undefined
    heardAt = Number.NEGATIVE_INFINITY
    lost.end().catch(() => {})
  }

  /** Sends one statement at a time. */
  let turn: Promise<unknown> = Promise.resolve()
  const ask = <Row extends pg.QueryResultRow>(on: pg.Client, statement: string): Promise<pg.QueryResult<Row>> => {
    const asked = turn.then(() => on.query<Row>(statement))
    turn = asked
    return asked
  }

  /** Resolves when every change heard so far has been applied here. */
  let applying: Promise<unknown> = Promise.resolve()
  const apply = (applied: Promise<void>) => {
    applying = Promise.allSettled([applying, applied])
  }

  /** Resolves when every server that has come has been met. */
  let meeting: Promise<unknown> = Promise.resolve()

  /** The connection on which the lock is released and requested again; changes heard meanwhile, however many, need one more round. */
  let relocking: pg.Client | undefined
  let relocked: Promise<void> = Promise.resolve()
  let isToldAgain = false
  const relock = (on: pg.Client): Promise<void> => {
    isLocked = false
    isToldAgain = true
    if (relocking !== on) {
      relocking = on
      relocked = lockAgain(on)
    }
    return relocked
  }
  const lockAgain = async (on: pg.Client) => {
    try {
      while (isToldAgain) {
        isToldAgain = false
        // A server that comes waits for this lock before it serves.
        await meeting
        await ask(on, `select pg_advisory_unlock_shared(${memoryLock})`)
        await applying
        // Waits for the writer of the change, which is in the queue before us.
        await ask(on, `select pg_advisory_lock_shared(${memoryLock})`)
      }
      isLocked = client === on
    } catch {
      lose(on)
    } finally {
      if (relocking === on) relocking = undefined
    }
  }

  const hear = (on: pg.Client, { channel, payload = '', processId }: pg.Notification) => {
    if (channel === channels.presence) {
      if (processId === processIdOf(on)) return
      if (payload === 'left') left.add(processId)
      else {
        for (const known of [present, arrived]) known.set(processId, mediumIn(payload))
        meeting = Promise.allSettled([meeting, onCompany()])
      }
      return
    }
    if (channel === channels.tables) {
      apply(onTableChange(payload))
      return
    }
    if (channel === channels.tags) apply(onChange(readChanged(payload)))
    else onKeyChange()
    void relock(on)
  }

  const connect = async () => {
    const opening = new pg.Client({
      connectionString: await address.find(),
      application_name: 'extropy changes',
      connectionTimeoutMillis: leaseMs,
      keepAlive: true,
    })
    client = opening
    turn = Promise.resolve()
    opening.on('error', () => lose(opening)).on('end', () => lose(opening))
    opening.on('notification', (notification) => hear(opening, notification))
    await opening.connect()
    const reason = await whyUseless(opening, databaseId)
    if (reason !== undefined) {
      clearInterval(timer)
      lose(opening)
      onUseless(reason)
      open()
      return
    }
    noteRun(await readServerRun((statement) => opening.query(statement), patienceMs))
    await ask(
      opening,
      Object.values(channels)
        .map((channel) => `listen ${channel}`)
        .join('; '),
    )
    await introduce(opening)
  }

  /** Says that this server is there, and what it has joined, and begins with an empty memory when all others know it. */
  const introduce = async (on: pg.Client) => {
    const medium = joined
    if (locked !== medium) {
      await ask(on, `select pg_advisory_lock_shared(${presenceKey(medium)})`)
      if (locked !== undefined) await ask(on, `select pg_advisory_unlock_shared(${presenceKey(locked)})`)
      locked = medium
    }
    await ask(on, `select pg_notify('${channels.presence}', 'came ${medium}')`)
    await findPresent(on)
    left.clear()
    // From here on the others know of this server, and tell it.
    await waitForRound()
    onKeyChange()
    apply(onChange('all'))
    await relock(on)
    if (client === on) introduced = medium
  }

  const findPresent = async (on: pg.Client) => {
    arrived.clear()
    const { rows } = await ask<{ pid: number; medium: Medium }>(on, selectPresent)
    const found = new Map<number, Medium>()
    // One that has just joined another may be seen with both: it has either.
    for (const { pid, medium } of rows) found.set(pid, found.has(pid) ? noMedium : medium)
    // Whoever came while the question was on its way may not be in its answer.
    present = new Map([...found, ...arrived])
  }

  const hasStrangers = () => present.values().some((medium) => medium !== introduced)

  const lookForStrangers = () => {
    if (!hasStrangers()) {
      strangersSince = undefined
      return
    }
    strangersSince ??= performance.now()
    if (performance.now() - strangersSince < strangersAfterMs) return
    strangersSince = Number.POSITIVE_INFINITY
    onStrangers()
  }

  const lookAround = async (on: pg.Client) => {
    const before = new Set(present.keys())
    await findPresent(on)
    lookForStrangers()
    const isAnyLost = !before.difference(present).isSubsetOf(left)
    for (const pid of left) if (!present.has(pid)) left.delete(pid)
    if (!isAnyLost) return
    apply(onChange('all'))
    await relock(on)
  }

  const beat = async () => {
    if (closed) return
    if (beating) {
      // A connection that is half open says nothing, and the kernel takes a quarter of an hour to see it.
      if (client && performance.now() - beatAt > 2 * leaseMs) lose(client)
      return
    }
    beating = true
    const sentAt = performance.now()
    beatAt = sentAt
    try {
      if (client === undefined) await connect()
      else if (introduced === joined) await lookAround(client)
      if (client !== undefined && introduced !== joined) await introduce(client)
      heardAt = sentAt
      open()
    } catch {
      if (client) lose(client)
    } finally {
      beating = false
    }
  }

  // What others say is said where the writes are now.
  address.onMove(() => client && lose(client))
  const timer: NodeJS.Timeout = setInterval(beat, heartbeatMs)
  timer.unref()
  void setTimeout(leaseMs, undefined, { ref: false }).then(open)
  void beat()

  /**
   * Calls again and again until the lock is held: a server that hears a call before this request for the lock is queued
   * releases the lock and takes it back at once.
   */
  const waitOnce = async () => {
    const call = () => void sql`select pg_notify(${channels.keys}, '')`.execute(db).catch(() => {})
    const calls = setInterval(call, callEveryMs)
    try {
      await db.transaction().execute(async (trx) => {
        await sql`select set_config('lock_timeout', ${`${patienceMs}ms`}, true)`.execute(trx)
        call()
        await sql`select pg_advisory_xact_lock(${memoryLock})`.execute(trx)
      })
    } catch (error) {
      // A server that did not let go within its lease has been cut off, and uses its memory no more.
      if (sqlState(error) !== lockNotAvailable) throw error
    } finally {
      clearInterval(calls)
    }
  }

  /** One round at a time for all that wait: a round that had begun before a change may not have been heard after it. */
  let round: Promise<void> = Promise.resolve()
  let nextRound: Promise<void> | undefined
  function waitForRound(): Promise<void> {
    nextRound ??= round
      .catch(() => {})
      .then(() => {
        round = waitOnce()
        nextRound = undefined
        return round
      })
    return nextRound
  }

  const noteRun = ({ id, isNew }: ServerRun) => {
    if (run === undefined ? isNew : id !== run) isNewUntil = performance.now() + patienceMs
    run = id
  }

  /** Whether what is heard here is heard where the writes go: an address of one's own may follow later than a pooler does. */
  const isWhereWritesGo = async () => {
    // One address for both leads both there at once.
    if (typeof server !== 'string' && introduced !== undefined) return true
    const known = run
    noteRun(await readServerRun((statement) => sql.raw<ServerRun>(statement).execute(db), patienceMs))
    if (known === undefined || run === known) return true
    if (client) lose(client)
    return false
  }

  /** Those on this database server let go of the lock; those who may still be on the one before it are past their lease. */
  const waitForOthers = async () => {
    await waitForRound()
    await isWhereWritesGo()
    const leftMs = isNewUntil - performance.now()
    if (leftMs > 0) await setTimeout(leftMs)
  }

  const isLive = () => isLocked && introduced === joined && !closed && performance.now() - heardAt < leaseMs

  const knowsAll = () => isLive() && performance.now() >= isNewUntil

  const isAlone = () => knowsAll() && present.size === 0

  const tell = async (changed: Changed) => {
    const payload = JSON.stringify(changed)
    const told = Buffer.byteLength(payload) > maxPayload ? JSON.stringify('all' satisfies Changed) : payload
    const deadline = performance.now() + leaseMs
    for (;;) {
      try {
        if (isAlone() && (await isWhereWritesGo())) return
        await sql`select pg_notify(${channels.tags}, ${told})`.execute(db)
        return await waitForOthers()
      } catch (error) {
        // A connection that broke is no database that is away: another one may be had.
        if (performance.now() > deadline) throw error
        await setTimeout(callEveryMs)
      }
    }
  }

  return {
    isLive,
    isAlone,
    opened,
    tell,
    join(epoch) {
      joinedEpoch = epoch
      joined = mediumOf(epoch)
      if (introduced !== joined) void beat()
    },
    async tellStrangers(changed, epoch) {
      // Whoever holds the lock has heard of all who came before; telling them now would only make the next writer wait as well.
      if (!isLocked && relocking !== undefined)
        await Promise.race([relocked, setTimeout(leaseMs, undefined, { ref: false })])
      if (knowsAll() && epoch === joinedEpoch && !hasStrangers()) {
        if (await isWhereWritesGo().catch(() => false)) return
      }
      await tell(changed)
    },
    waitForOthers,
    async close() {
      closed = true
      clearInterval(timer)
      const leaving = client
      client = undefined
      // Everything that this server has written, it has told.
      await leaving?.query(`select pg_notify('${channels.presence}', 'left')`).catch(() => {})
      await leaving?.end()
      await address.close()
    },
  }
}

/** The low half is the same for all, so that releases that know no medium find each other; the high half is the medium. */
function presenceKey(medium: Medium): bigint {
  return (BigInt(medium) << 32n) | BigInt(presenceLock)
}

/** Releases that know no medium say `came` alone. */
function mediumIn(payload: string): Medium {
  return payload.split(' ')[1] ?? noMedium
}

const selectPresent = `
  select pid, classid::text as medium from pg_locks
  where locktype = 'advisory' and granted and objid = ${presenceLock} and pid <> pg_backend_pid()
    and database = (select oid from pg_database where datname = current_database())`

/** Whatever else somebody may have notified counts as everything. */
function readChanged(payload: string): Changed {
  try {
    const changed: unknown = JSON.parse(payload)
    return Array.isArray(changed) && changed.every((tag) => typeof tag === 'string') ? changed : 'all'
  } catch {
    return 'all'
  }
}

/** The process id of its session, as the server told it: present on every connected client, though not in its types. */
function processIdOf(client: pg.Client): number {
  return (client as unknown as { processID: number }).processID
}

/** Undefined where notifications on this connection are reliable. */
async function whyUseless(client: pg.Client, databaseId: string): Promise<string | undefined> {
  const session = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  // A pooler tells its clients a process id of its own making, for it may give each transaction another session.
  if (session.rows[0]?.pid !== processIdOf(client)) {
    return 'a pooler stands between: set DATABASE_DIRECT_URL to the address of the database server itself'
  }
  const { rows } = await client.query<{ id: string }>(selectDatabaseId)
  return rows[0]?.id === databaseId ? undefined : 'DATABASE_DIRECT_URL and DATABASE_URL lead to different databases'
}

/** For one process that has the database to itself: it hears its own changes by making them. */
export function createLocalChangeChannel(): ChangeChannel {
  const done = async () => {}
  return {
    isLive: () => true,
    isAlone: () => true,
    opened: Promise.resolve(),
    tell: done,
    join: () => {},
    tellStrangers: done,
    waitForOthers: done,
    close: done,
  }
}
