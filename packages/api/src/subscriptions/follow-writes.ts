import type { Database } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import type { Deps } from '../context.ts'
import { invalidating } from '../invalidating.ts'
import { enqueueAll } from '../jobs/enqueue.ts'
import { inTransaction } from '../transaction.ts'
import { recomputeJob } from './recompute.job.ts'

interface FollowOptions {
  readonly onError?: (error: unknown) => void
  /** A batch is over when nothing was written for so long. Default 500 ms. */
  readonly quietMs?: number
  /** Or after so long. Default 5000 ms. */
  readonly mostWaitMs?: number
}

/** More tags than these are asked for as everything. */
const mostTags = 20_000

/**
 * Has the answers made anew that a write may have changed: the cache is told the tags of every write, its own and other servers', and
 * a subscription keeps the tags that its answer read. A write costs here no more than its tags' places in a set. What was written while
 * nobody listened, as at the start, counts as everything.
 */
export function followWrites(
  deps: Pick<Deps, 'db' | 'cache'>,
  { onError = () => {}, quietMs = 500, mostWaitMs = 5000 }: FollowOptions = {},
): { flush(): Promise<number>; close(): Promise<void> } {
  let pending = new Set<string>()
  let isAll = true
  let firstAt = 0
  let lastAt = performance.now()
  let timer: NodeJS.Timeout | undefined
  let running: Promise<number> = Promise.resolve(0)

  const flush = (): Promise<number> => {
    clearTimeout(timer)
    timer = undefined
    const tags = isAll ? undefined : [...pending]
    pending = new Set()
    isAll = false
    const heardAt = lastAt
    running = running
      .then(() => touch(deps, tags, heardAt))
      .catch((error: unknown) => {
        onError(error)
        // Nothing of it is lost: the next look takes everything.
        isAll = true
        later()
        return 0
      })
    return running
  }
  const later = () => {
    if (timer === undefined) firstAt = performance.now()
    clearTimeout(timer)
    const leftMs = Math.max(0, firstAt + mostWaitMs - performance.now())
    timer = setTimeout(flush, Math.min(quietMs, leftMs)).unref()
  }
  const hear = ({ what }: { readonly what: readonly string[] | 'all' }) => {
    const own = what !== 'all' && what.every((tag) => tag.startsWith('subscription') || tag.startsWith('webhook'))
    if (own) return
    if (what === 'all' || pending.size + what.length > mostTags) isAll = true
    else for (const tag of what) pending.add(tag)
    lastAt = performance.now()
    later()
  }
  deps.cache.events.on('invalidate', hear)
  deps.cache.events.on('heard', hear)
  later()
  return {
    flush,
    async close() {
      deps.cache.events.off('invalidate', hear)
      deps.cache.events.off('heard', hear)
      clearTimeout(timer)
      await running
    },
  }
}

/**
 * Marks the subscriptions whose answers read one of these, or all, and brings a job for each. Every server and worker that hears of a write
 * does so, and only the first one has an effect: where an answer waits to be made anew, or began to be after the last of these writes was
 * heard of, it has them in it. Returns the number of jobs.
 */
function touch(
  { db, cache }: Pick<Deps, 'db' | 'cache'>,
  tags: readonly string[] | undefined,
  heardAt: number,
): Promise<number> {
  if (tags?.length === 0) return Promise.resolve(0)
  return invalidating({ db, cache }, (recorded) =>
    inTransaction(recorded, async (trx) => {
      const rows = await touchedBy(trx, tags, performance.now() - heardAt)
      await enqueueAll(
        trx,
        recomputeJob,
        rows.map(({ id }) => ({ id })),
      )
      return rows.length
    }),
  )
}

/** `quietMs`: since the last of these writes was heard of. */
function touchedBy(trx: Kysely<Database>, tags: readonly string[] | undefined, quietMs: number) {
  const all = trx
    .updateTable('subscriptions')
    .set({ touched: sql<string>`case when touched > answered and not tags @> '{*}' then touched else touched + 1 end` })
    .where(sql<boolean>`answered_at <= clock_timestamp() - ${quietMs} * interval '1 ms'`)
    .returning('id')
  const some = tags === undefined ? all : all.where(sql<boolean>`tags && ${['*', ...tags]}::text[]`)
  return some.execute()
}
