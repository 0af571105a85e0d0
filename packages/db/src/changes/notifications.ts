import { setTimeout } from 'node:timers/promises'
import { sql } from 'kysely'
import pg from 'pg'
import type { DatabaseHandle } from '../create-db.ts'
import { cutOff } from '../driver/pool.ts'
import { findAddress } from '../replication/replication.ts'

export interface Notifications {
  /** False where nothing is heard now: whoever waits must look for themselves. */
  isLive(): boolean
  close(): Promise<void>
}

interface NotificationOptions {
  /** Letters and underscores. */
  readonly channel: string
  readonly onNotification: (payload: string) => void
  /** Called when listening begins, at first or again: something may have passed unheard before. */
  readonly onListening?: () => void
  /** A server's own address, past a pooler; undefined where there is none, and nothing is heard behind one. */
  readonly url: string | undefined
  readonly retryMs?: number
}

/**
 * Hears what `pg_notify` says on a channel, after the commit. On a server this takes a connection of its own, opened anew whenever
 * it breaks: one that waits for a lock, as that of the change channel does, hears nothing meanwhile.
 */
export async function openNotifications(
  database: Pick<DatabaseHandle, 'db' | 'onNotification'>,
  options: NotificationOptions,
): Promise<Notifications> {
  const { channel, onNotification, onListening = () => {} } = options
  if (database.onNotification === undefined) return listenOnServer(options)
  // Not by PGlite's own `listen`: it would run inside whatever transaction the pool has open.
  const stop = database.onNotification((on, payload) => on === channel && onNotification(payload))
  await sql.raw(`listen ${channel}`).execute(database.db)
  onListening()
  return { isLive: () => true, close: async () => stop() }
}

function listenOnServer(options: NotificationOptions): Notifications {
  const { channel, onNotification, onListening = () => {}, url, retryMs = 500 } = options
  const closing = new AbortController()
  const address = url === undefined ? undefined : findAddress(url)
  let client: pg.Client | undefined
  let isLive = false
  address?.onMove(() => client && cutOff(client))

  const listen = async () => {
    const opening = new pg.Client({
      connectionString: await address?.find(),
      application_name: `extropy ${channel}`,
      connectionTimeoutMillis: 3000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 15_000,
    })
    const gone = new Promise<void>((resolve) => opening.once('end', resolve).once('error', () => resolve()))
    opening.on('notification', ({ payload = '' }) => onNotification(payload))
    client = opening
    try {
      await opening.connect()
      await opening.query(`listen ${channel}`)
      isLive = true
      onListening()
      await gone
    } finally {
      isLive = false
      await opening.end().catch(() => {})
    }
  }

  const run = async () => {
    while (url !== undefined && !closing.signal.aborted) {
      await listen().catch(() => {})
      await setTimeout(retryMs, undefined, { signal: closing.signal, ref: false }).catch(() => {})
    }
  }
  const done = run()
  return {
    isLive: () => isLive,
    async close() {
      closing.abort()
      await client?.end().catch(() => {})
      await address?.close()
      await done
    },
  }
}
