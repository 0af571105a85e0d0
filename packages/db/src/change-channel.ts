import { type Kysely, sql } from 'kysely'
import pg from 'pg'
import type { Database } from './database.ts'
import { sqlState } from './pg-errors.ts'

/**
 * How servers that keep API keys in memory stay honest with each other. Every server holds a shared advisory lock while
 * its memory may be used, and lets go of it, memory emptied, when it is told of a change. Who changes a key then takes
 * the lock exclusively: having it means that no server knows the old state any more.
 */
export interface ChangeChannel {
  /** False while a change might pass unheard: memory must not be used then, nor filled. */
  isLive(): boolean
  /** Resolves when no server can any longer be using what it knew before this call. Milliseconds; at worst the lease. */
  waitForOthers(): Promise<void>
  close(): Promise<void>
}

interface ChangeChannelOptions {
  /** Told of a key's id when the key has changed, by whichever server or statement. */
  readonly onChange: (keyId: string) => void
  /** Told of a table that a program other than a server may have changed: see migration 12. Not of every change, but after the last. */
  readonly onTableChange?: (table: string) => void
  /** Told when changes may have passed unheard: at the start, and whenever the connection is back. */
  readonly onGap?: () => void
  /** How often the connection is tried. Default 500 ms. */
  readonly heartbeatMs?: number
  /** A connection not heard from for so long counts as cut, here and for others. Default 3000 ms. */
  readonly leaseMs?: number
}

/** Any number, as long as nothing else in the database takes the same advisory lock: "keys" in ASCII. */
const lockKey = 0x6b_65_79_73

const lockNotAvailable = '55P03'
/** The first call mostly does it; the others are for the one that came too early. */
const callEveryMs = 10

/**
 * Listens on a connection of its own, opened anew whenever it breaks. Behind a pooler, where neither LISTEN nor a lock of
 * the session is this server's own, it is never live: each check of a key is a query then.
 */
export function openChangeChannel(url: string, db: Kysely<Database>, options: ChangeChannelOptions): ChangeChannel {
  const { onChange, onTableChange = () => {}, onGap = () => {}, heartbeatMs = 500, leaseMs = 3000 } = options
  let client: pg.Client | undefined
  let closed = false
  let isLocked = false
  /** When the last heartbeat that was answered had been sent. */
  let heardAt = Number.NEGATIVE_INFINITY
  let beating = false

  const lose = (lost: pg.Client) => {
    if (client !== lost) return
    client = undefined
    isLocked = false
    heardAt = Number.NEGATIVE_INFINITY
    lost.end().catch(() => {})
  }

  /** One statement at a time. */
  let turn: Promise<unknown> = Promise.resolve()
  const ask = (on: pg.Client, statement: string): Promise<unknown> => {
    turn = turn.then(() => on.query(statement))
    return turn
  }

  /** However many changes are told of meanwhile, the lock is let go and asked for once, and once more for those. */
  let relocking = false
  let isToldAgain = false
  const relock = async (on: pg.Client) => {
    isLocked = false
    isToldAgain = true
    if (relocking) return
    relocking = true
    try {
      while (isToldAgain) {
        isToldAgain = false
        await ask(on, 'select pg_advisory_unlock_all()')
        // Waits for whoever made the change: they are in the queue before us.
        await ask(on, `select pg_advisory_lock_shared(${lockKey})`)
      }
      isLocked = client === on
    } catch {
      lose(on)
    } finally {
      relocking = false
    }
  }

  const connect = async () => {
    const opening = new pg.Client({
      connectionString: url,
      application_name: 'extropy keys',
      connectionTimeoutMillis: leaseMs,
      keepAlive: true,
    })
    client = opening
    turn = Promise.resolve()
    opening.on('error', () => lose(opening)).on('end', () => lose(opening))
    opening.on('notification', ({ channel, payload = '' }) => {
      if (channel === 'extropy_changes') {
        onTableChange(payload)
        return
      }
      onChange(payload)
      void relock(opening)
    })
    await opening.connect()
    if (!(await hasOwnSession(opening))) {
      clearInterval(timer)
      lose(opening)
      return
    }
    await ask(opening, 'listen extropy_api_keys; listen extropy_changes')
    onGap()
    await relock(opening)
  }

  const beat = async () => {
    if (beating || closed) return
    beating = true
    const sentAt = performance.now()
    try {
      if (client === undefined) await connect()
      else await ask(client, 'select 1')
      heardAt = sentAt
    } catch {
      if (client) lose(client)
    } finally {
      beating = false
    }
  }

  const timer: NodeJS.Timeout = setInterval(beat, heartbeatMs)
  timer.unref()
  void beat()

  return {
    isLive: () => isLocked && !closed && performance.now() - heardAt < leaseMs,
    async waitForOthers() {
      // Said again until the lock is had: who hears it before this request for the lock is in the queue lets go, and
      // has the lock back, before it could be taken.
      const call = () => void sql`select pg_notify('extropy_api_keys', '')`.execute(db).catch(() => {})
      const calls = setInterval(call, callEveryMs)
      try {
        await db.transaction().execute(async (trx) => {
          await sql`select set_config('lock_timeout', ${`${leaseMs + heartbeatMs}ms`}, true)`.execute(trx)
          call()
          await sql`select pg_advisory_xact_lock(${lockKey})`.execute(trx)
        })
      } catch (error) {
        // A server that did not let go within its lease has been cut off, and uses its memory no more.
        if (sqlState(error) !== lockNotAvailable) throw error
      } finally {
        clearInterval(calls)
      }
    },
    async close() {
      closed = true
      clearInterval(timer)
      const open = client
      client = undefined
      await open?.end()
    },
  }
}

/** A pooler tells its clients a process id of its own making, for it may give each transaction another session. */
async function hasOwnSession(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  return rows[0]?.pid === (client as unknown as { processID: number }).processID
}

/** For one process that has the database to itself: it hears its own changes by making them. */
export function createLocalChangeChannel(): ChangeChannel {
  return { isLive: () => true, waitForOthers: async () => {}, close: async () => {} }
}
