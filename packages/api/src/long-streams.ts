import type { Database } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import type { KeyRing } from './auth/key-ring.ts'
import type { Principal } from './auth/principal.ts'
import type { Context } from './context.ts'
import { AppError } from './errors.ts'

/** Of one user in one process. Each holds a place among the requests in flight, for up to an hour. */
const mostStreams = 20
const lookEveryMs = 30_000

type StreamContext = Pick<Context, 'db' | 'keys' | 'requestId' | 'signal'> & { readonly principal: Principal }
type Events<Event> = AsyncGenerator<Event, void>

/** User to request to its streams; a process has one key ring. */
const openStreams = new WeakMap<KeyRing, Map<string, Map<string, number>>>()

/**
 * A stream that waits for what may come, in a place of its user's: all streams of one request share one. `mayGoOn` is to be asked
 * at every turn, and says within 30 seconds that the key has been revoked or has expired.
 *
 * @throws AppError rate_limited where the user has 20 requests with streams open
 */
export async function openStream<Event>(
  ctx: StreamContext,
  begin: (mayGoOn: () => Promise<boolean>) => Promise<Events<Event>>,
): Promise<Events<Event>> {
  const leave = takePlace(ctx)
  // A stream that nobody begins to read has no end of its own.
  ctx.signal?.addEventListener('abort', leave, { once: true })
  if (ctx.signal?.aborted) leave()
  try {
    return endingWith(await begin(watchKey(ctx.db, ctx.principal)), leave)
  } catch (error) {
    leave()
    throw error
  }
}

function takePlace({ keys, principal: { userId }, requestId }: StreamContext): () => void {
  const users = openStreams.get(keys) ?? new Map<string, Map<string, number>>()
  openStreams.set(keys, users)
  const requests = users.get(userId) ?? new Map<string, number>()
  if (!requests.has(requestId) && requests.size >= mostStreams) {
    throw new AppError('rate_limited', `A user has at most ${mostStreams} streams open at once: end one first.`)
  }
  users.set(userId, requests)
  requests.set(requestId, (requests.get(requestId) ?? 0) + 1)
  let hasLeft = false
  return () => {
    if (hasLeft) return
    hasLeft = true
    const left = (requests.get(requestId) ?? 1) - 1
    if (left > 0) requests.set(requestId, left)
    else requests.delete(requestId)
    if (requests.size === 0 && users.get(userId) === requests) users.delete(userId)
  }
}

/** The keys of commands on the server's own machine have no row: they end with the process. */
function watchKey(db: Kysely<Database>, { keyId, userId }: Principal): () => Promise<boolean> {
  let lookedAt = performance.now()
  return async () => {
    if (performance.now() - lookedAt < lookEveryMs) return true
    lookedAt = performance.now()
    const user = await db
      .selectFrom('users')
      .leftJoin('apiKeys', (join) => join.on('apiKeys.id', '=', keyId))
      .select('users.id')
      .where('users.id', '=', userId)
      .where(
        sql<boolean>`api_keys.id is null or (api_keys.is_active and not api_keys.is_revoked
          and (api_keys.expires_at is null or api_keys.expires_at > now()))`,
      )
      .executeTakeFirst()
    return user !== undefined
  }
}

function endingWith<Event>(events: Events<Event>, end: () => void): Events<Event> {
  return {
    async next() {
      try {
        const next = await events.next()
        if (next.done) end()
        return next
      } catch (error) {
        end()
        throw error
      }
    },
    async return() {
      end()
      return events.return()
    },
    async throw(error) {
      end()
      return events.throw(error)
    },
    async [Symbol.asyncDispose]() {
      end()
      await events.return()
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
