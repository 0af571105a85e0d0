import { createClient, RESP_TYPES } from '@redis/client'
import { CacheOptionError } from '../errors.ts'
import { wireVersion } from '../shared/wire.ts'
import type { Session, SessionHandlers, SharedStore, StoreMessage } from '../stores/store.ts'
import { SessionLostError } from '../stores/store.ts'
import { scripts } from './scripts.ts'

export interface RedisStoreOptions {
  /** `redis[s]://[[username][:password]@][host][:port][/db-number]`. Redis 6.2 or later, one server (no Cluster). */
  readonly url: string
  /** The prefix of every key and channel. Caches with different prefixes do not see each other. Default `cache`. */
  readonly prefix?: string
  /**
   * The form of the application's values: its version, say. Instances of different releases share invalidations, but no
   * values. Default none.
   */
  readonly release?: string
  /** How long connecting may take, in milliseconds. Default 2000. */
  readonly connectTimeoutMs?: number
}

/**
 * A shared store in Redis, for `createCache({ shared })`. Does not connect by itself: the cache does, and again whenever the
 * connection is lost. Throws a `CacheOptionError` for a URL that Redis cannot have.
 */
export function createRedisStore({
  url,
  prefix = 'cache',
  release = '',
  connectTimeoutMs = 2_000,
}: RedisStoreOptions): SharedStore {
  if (!/^rediss?:$/.test(URL.parse(url)?.protocol ?? '')) {
    throw new CacheOptionError('The url of a Redis store begins with redis:// or rediss://')
  }
  return {
    name: 'redis',
    open: (handlers, signal) => openSession({ url, prefix, release, connectTimeoutMs }, handlers, signal),
  }
}

const escaped = '\u0000'

/** One connection for commands and messages alike, so that both arrive in the order in which Redis did them. */
async function openSession(
  options: Required<RedisStoreOptions>,
  handlers: SessionHandlers,
  signal: AbortSignal,
): Promise<Session> {
  const base = `${options.prefix}:${wireVersion}:`
  const channel = `${base}changes`
  const ackChannel = (member: string): string => `${base}acks:${member}`
  const meta = `${base}meta`
  const members = `${base}members`
  const marks = `${base}marks`
  const alive = `${base}alive`
  const entryKey = (key: string): string => `${base}entry:${options.release}:${toWire(key)}`
  const lockKey = (key: string): string => `${base}lock:${options.release}:${toWire(key)}`

  const client = createClient({
    url: options.url,
    scripts,
    disableOfflineQueue: true,
    // Reconnecting is the cache's business: a new connection is a new session, which has to join first.
    socket: { connectTimeout: options.connectTimeoutMs, reconnectStrategy: false },
  })
  const binary = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer })
  let over = false
  let member = ''
  let epoch = ''

  const close = (): void => {
    over = true
    client.destroy()
  }
  const end = (cause: unknown): void => {
    if (over) return
    close()
    handlers.onClose(cause)
  }
  client.on('error', end)
  client.on('end', () => end(new Error('Redis closed the connection')))

  // A client that is destroyed while its socket connects would go on with it.
  client.on('connect', () => over && client.destroy())
  signal.addEventListener('abort', close, { once: true })
  try {
    await client.connect()
    await client.subscribe(channel, (text) => handlers.onMessage(parseMessage(text)))
  } catch (error) {
    close()
    throw error
  }

  return {
    async join(name, newEpoch, leaseMs) {
      member = name
      // Before joining: an instance that reads the list of members may at once wait for this one's acknowledgement, and vice versa.
      await client.subscribe(ackChannel(name), (text) => {
        const space = text.indexOf(' ')
        handlers.onAck(text.slice(space + 1), Number(text.slice(0, space)))
      })
      const reply = await client.join([meta, members, marks, alive], [newEpoch, name, `${leaseMs}`])
      const [begun, seq, young] = reply as [string, string, string]
      epoch = begun
      return { epoch, seq: Number(seq), young: young === '' ? undefined : young }
    },
    async renew(leaseMs) {
      return Number(await known(client.renew([meta, members, alive], [epoch, member, `${leaseMs}`])))
    },
    async read({ key, lead }) {
      const keys = [meta, members, marks, entryKey(key), lockKey(key)]
      const reply = await known(binary.read(keys, [epoch, member, lead?.token ?? '', `${lead?.lockMs ?? 0}`]))
      const [found, ...rest] = reply as [number, ...unknown[]]
      if (found === 0) return { found: false, leads: rest[0] === 1 }
      const [bytes, tags, remainingMs] = rest as [Buffer, Buffer, number]
      return { found: true, bytes, tags: parse<string[]>(tags.toString()), remainingMs }
    },
    async write({ key, token = '', seq, tags, bytes, keepMs }) {
      const keys = [meta, members, marks, entryKey(key), lockKey(key)]
      const stored = client.write(keys, [epoch, member, token, `${seq}`, json(tags), asBuffer(bytes), `${keepMs}`])
      return (await known(stored)) === 1
    },
    async invalidate(what) {
      const reply = await known(client.invalidate([meta, members, marks], [epoch, member, channel, json({ what })]))
      const [seq, renewals, young] = reply as [number, string[], string]
      return { seq, members: pairs(renewals), young: young === '' ? undefined : young }
    },
    ack(to, seq) {
      client.publish(ackChannel(to), `${seq} ${member}`).catch(end)
    },
    async release(key, token) {
      await known(client.release([meta, members, lockKey(key)], [epoch, member, token]))
    },
    async evict(silent) {
      await known(
        client.evict([meta, members], [epoch, member, ...[...silent].flatMap(([name, count]) => [name, `${count}`])]),
      )
    },
    async confirmMembers(young) {
      await known(client.confirmMembers([meta, members], [epoch, member, young]))
    },
    async leave() {
      await known(client.leave([meta, members], [epoch, member]))
    },
    close,
  }
}

/** Two JSON objects in a row: the sender and the number, from Redis; and the invalidation, as the instance sent it. */
function parseMessage(text: string): StoreMessage {
  const seam = text.indexOf('}{') + 1
  return { ...parse<StoreMessage>(text.slice(0, seam)), ...parse<StoreMessage>(text.slice(seam)) }
}

/**
 * Redis takes UTF-8, in which all lone surrogates are one character: two keys would be one. Names that hold some travel with
 * them escaped, behind a mark; so do names that begin with the mark.
 */
function toWire(name: string): string {
  return name.isWellFormed() && !name.startsWith(escaped) ? name : escaped + JSON.stringify(name)
}

function json(value: unknown): string {
  return JSON.stringify(value, (_, each) => (typeof each === 'string' ? toWire(each) : each))
}

function parse<T>(text: string): T {
  return JSON.parse(text, (_, each) =>
    typeof each === 'string' && each.startsWith(escaped) ? JSON.parse(each.slice(escaped.length)) : each,
  )
}

async function known<T>(reply: Promise<T>): Promise<T> {
  try {
    return await reply
  } catch (error) {
    if (error instanceof Error && error.message.includes('LOST')) throw new SessionLostError()
    throw error
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function pairs(flat: readonly string[]): Map<string, number> {
  const map = new Map<string, number>()
  for (let i = 0; i + 1 < flat.length; i += 2) map.set(flat[i] ?? '', Number(flat[i + 1]))
  return map
}
