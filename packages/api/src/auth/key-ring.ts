import { hash, timingSafeEqual } from 'node:crypto'
import type { Cache } from '@extropy/cache'
import { type ChangeChannel, type Database, rawWrite } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import { LRUCache } from 'lru-cache'
import { invalidating } from '../invalidating.ts'
import { hashApiKey, readBearer } from './api-key.ts'
import { findActiveKey } from './find-active-key.ts'
import type { Principal } from './principal.ts'

export interface KeyRing {
  /** The key's user; undefined alike for a key that is unknown, revoked or expired. Warm: no query. */
  authenticate(key: string): Promise<Principal | undefined>
  /** The user of an `Authorization` header's key where that is known at once; undefined says nothing about the key. */
  peek(authorization: string): Principal | undefined
  /** Call it after the commit that changed a key: when it resolves, no server uses the key's old state. */
  forgetEverywhere(): Promise<void>
  /** Another server has changed a key: all of them are read anew. */
  forget(): void
  /** Writes down which keys were used, at once instead of at the next turn. */
  flush(): Promise<void>
  close(): Promise<void>
}

interface KeyRingOptions {
  readonly channel: Pick<ChangeChannel, 'isLive' | 'waitForOthers'>
  /** How long a key is known without asking. Default 10,000 ms. */
  readonly ttlMs?: number
  /** Keys known at once; only valid ones are kept, so that wrong ones can't push them out. Default 10,000. */
  readonly maxKeys?: number
  /** How often `last_used_at` is written, for all keys in one statement. Default 60,000 ms. */
  readonly flushMs?: number
  /** Milliseconds since the epoch. Default: the clock. */
  readonly now?: () => number
}

interface KnownKey {
  readonly keyHash: Buffer
  readonly principal: Principal
  /** Infinity: never. */
  readonly expiresAtMs: number
}

export function createKeyRing(
  deps: { readonly db: Kysely<Database>; readonly cache: Cache },
  options: KeyRingOptions,
): KeyRing {
  const { db } = deps
  const { channel, ttlMs = 10_000, maxKeys = 10_000, flushMs = 60_000, now = Date.now } = options
  const known = new LRUCache<string, KnownKey>({ max: maxKeys, ttl: ttlMs })
  const usedAt = new Map<string, number>()
  /** Counts changes: a key read before a change must not be remembered after it. */
  let generation = 0

  const forget = () => {
    generation++
    known.clear()
  }

  const flush = async () => {
    if (usedAt.size === 0) return
    const used = [...usedAt].map(([id, at]) => ({ id, at: new Date(at).toISOString() }))
    usedAt.clear()
    await invalidating(deps, (writer) =>
      rawWrite(
        ['apiKeys'],
        sql`
        update api_keys set last_used_at = used.at
        from json_to_recordset(${JSON.stringify(used)}::json) as used (id uuid, at timestamptz)
        where api_keys.id = used.id and (last_used_at is null or last_used_at < used.at)`,
      ).execute(writer),
    )
  }
  // A failed write of last uses is not worth a request; the next one is a minute away.
  const timer = setInterval(() => void flush().catch(() => {}), flushMs)
  timer.unref()

  const look = async (keyHash: Buffer): Promise<KnownKey | undefined> => {
    const before = generation
    const isSafe = channel.isLive()
    const row = await findActiveKey(db, keyHash)
    if (row === undefined) return undefined
    const { id: keyId, userId, scopes, rateLimitPerHour, expiresAt } = row
    const userRateLimitPerHour = row.userRateLimitPerHour ?? rateLimitPerHour
    const found = {
      keyHash: Buffer.from(row.keyHash),
      principal: Object.freeze({ keyId, userId, scopes, rateLimitPerHour, userRateLimitPerHour, expiresAt }),
      expiresAtMs: expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(expiresAt),
    }
    if (isSafe && channel.isLive() && generation === before) known.set(keyHash.toString('base64'), found)
    return found
  }

  return {
    peek(authorization) {
      const key = readBearer(authorization)
      const found = key && channel.isLive() ? known.get(hash('sha256', key, 'base64')) : undefined
      if (found === undefined || found.expiresAtMs <= now()) return undefined
      usedAt.set(found.principal.keyId, now())
      return found.principal
    },
    async authenticate(key) {
      const keyHash = hashApiKey(key)
      const remembered = channel.isLive() ? known.get(keyHash.toString('base64')) : undefined
      const isFresh = remembered !== undefined && remembered.expiresAtMs > now()
      const found = isFresh ? remembered : await look(keyHash)
      if (found === undefined || !timingSafeEqual(found.keyHash, keyHash) || found.expiresAtMs <= now())
        return undefined
      usedAt.set(found.principal.keyId, now())
      return found.principal
    },
    forget,
    async forgetEverywhere() {
      forget()
      await channel.waitForOthers()
      forget()
    },
    flush,
    async close() {
      clearInterval(timer)
      await flush().catch(() => {})
    },
  }
}
