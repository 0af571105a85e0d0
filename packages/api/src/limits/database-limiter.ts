import { type Database, rawRead, rawWrite } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import { createBatchQueue } from '../batch-queue.ts'
import { type Asked, createLeasingLimiter, leaseMs, type Settled } from './leasing-limiter.ts'
import { type Bucket, createMemoryLimiter, type Limiter, type NamedCounts } from './limiter.ts'
import { stepMs, steps } from './window.ts'

/** A statement that takes longer than this has failed: this process then counts for itself. */
const answerWithinMs = 2000
/** Of a bucket that is used up, the database is asked no more often. */
const refuseForMs = 250
/** After a failure nobody waits for the database for so long. */
const tryAgainMs = 1000
const pruneEveryMs = 600_000
/** Buckets that one process takes into its memory: as many of one kind as it keeps. */
const mostAlone = 20_000
/** Buckets in one statement. */
const mostTogether = 500

interface DatabaseLimiterOptions {
  /** Whether no other server uses the database, and none can come unheard. Default: never. */
  readonly isAlone?: () => boolean
  /** Called when the database could not be asked. */
  readonly onError?: (error: unknown) => void
  /** Milliseconds after which a server that is alone counts in its memory. Default 3000. */
  readonly aloneAfterMs?: number
}

export interface DatabaseLimiter extends Limiter {
  /** Another server has come: resolves when what this one counted alone is in the database. */
  meet(): Promise<void>
}

/**
 * Counts in PostgreSQL, for all servers together; never more than the limit gets through. A server that has the database to itself
 * takes the counts into its memory, and brings them back before another one serves, and when it stops.
 */
export function createDatabaseLimiter(
  db: Kysely<Database>,
  { isAlone = () => false, onError = () => {}, aloneAfterMs = 3000 }: DatabaseLimiterOptions = {},
): DatabaseLimiter {
  /** The database's clock, as this process tells it. */
  let offsetMs = 0
  const ownMs = () => performance.timeOrigin + performance.now()
  const memory = createMemoryLimiter({ now: () => ownMs() + offsetMs })
  const meanwhile = createMemoryLimiter()
  let usableAtMs = 0
  let handOverAtMs = 0
  const queue = createBatchQueue<AskedBucket, Settled>({
    run: (asked) => settleAll(db, asked),
    atOnce: 2,
    most: mostTogether,
  })
  const shared = createLeasingLimiter({
    settle: (bucket, asked) => inTime((signal) => queue.add({ bucket, ...asked }, signal)),
    isUsable: () => performance.now() >= usableAtMs,
    meanwhile,
    onFailure(error) {
      usableAtMs = performance.now() + tryAgainMs
      onError(error)
    },
    onError,
    refuseForMs,
  })
  let isCountingAlone = false
  let aloneSince: number | undefined
  let prunedAt = performance.now()
  /** Counts are on their way from one place to the other: nobody is charged meanwhile. */
  let moving: Promise<void> | undefined
  const asking = new Set<Promise<unknown>>()

  const move = (work: () => Promise<void>): Promise<void> => {
    const before = moving?.catch(() => {}) ?? Promise.resolve()
    const moved = before.then(work).finally(() => {
      if (moving === moved) moving = undefined
    })
    moving = moved
    return moved
  }

  const toMemory = () =>
    move(async () => {
      if (isCountingAlone || !isAlone()) return
      await pruneCounts(db)
      // They stay where they are; perhaps there are fewer later.
      if (!(await areAtMost(db, mostAlone))) {
        aloneSince = undefined
        return
      }
      await Promise.allSettled(asking)
      await shared.giveAllBack()
      const { nowMs, counted } = await takeCounts(db)
      offsetMs = nowMs - ownMs()
      memory.addAll(counted)
      isCountingAlone = true
    })

  const toDatabase = () =>
    move(async () => {
      if (!isCountingAlone) return
      const left = memory.takeAll()
      try {
        while (left.length > 0) {
          await addCounts(db, left.slice(0, mostTogether))
          left.splice(0, mostTogether)
        }
        isCountingAlone = false
        aloneSince = undefined
      } catch (error) {
        // What is in the database already would count twice.
        memory.addAll(left)
        throw error
      }
    })

  const look = () => {
    if (!isAlone()) aloneSince = undefined
    else aloneSince ??= performance.now()
    const isLong = aloneSince !== undefined && performance.now() - aloneSince >= aloneAfterMs
    if (!isCountingAlone && isLong && moving === undefined) toMemory().catch(onError)
    if (isCountingAlone) return
    shared.sweep()
    if (performance.now() - prunedAt < pruneEveryMs) return
    prunedAt = performance.now()
    pruneCounts(db).catch(onError)
  }
  const timer = setInterval(look, leaseMs)
  timer.unref()

  const chargeNow = (buckets: readonly Bucket[], cost: number) => {
    if (moving !== undefined) return undefined
    if (!isCountingAlone) return shared.chargeNow(buckets, cost)
    return isAlone() ? memory.chargeNow(buckets, cost) : undefined
  }

  return {
    chargeNow,
    async charge(buckets, cost) {
      if (isCountingAlone && !isAlone() && performance.now() >= handOverAtMs) {
        handOverAtMs = performance.now() + tryAgainMs
        toDatabase().catch(onError)
      }
      const moved = moving
      if (moved !== undefined) await inTime(() => moved).catch(() => {})
      // The database cannot be told now: this process has the counts.
      if (moving !== undefined) return meanwhile.chargeNow(buckets, cost)
      if (isCountingAlone) return memory.chargeNow(buckets, cost)
      const atOnce = chargeNow(buckets, cost)
      if (atOnce !== undefined) return atOnce
      const asked = shared.charge(buckets, cost)
      asking.add(asked)
      try {
        return await asked
      } finally {
        asking.delete(asked)
      }
    },
    meet: toDatabase,
    async close() {
      clearInterval(timer)
      await (isCountingAlone ? toDatabase() : shared.giveAllBack()).catch(onError)
    },
  }
}

interface AskedBucket extends Asked {
  readonly bucket: string
}

async function settleAll(db: Kysely<Database>, asked: readonly AskedBucket[]): Promise<Promise<Settled>[]> {
  const { rows } = await settle<Settled & { readonly place: number }>(db, asked)
  const settled: Settled[] = []
  for (const { place, ...each } of rows) settled[place] = each
  return settled.map((each) => Promise.resolve(each))
}

async function addCounts(db: Kysely<Database>, counted: readonly NamedCounts[]): Promise<void> {
  const nothing = { limit: 0, need: 0, ahead: 0, back: 0 }
  await settle(
    db,
    counted.map(({ bucket, step, counts }) => ({ bucket, backStep: step, counts, ...nothing })),
  )
}

function settle<Row>(db: Kysely<Database>, asked: readonly unknown[]) {
  return rawWrite(
    ['rateLimits'],
    sql<Row>`select * from extropy_settle_limits(${JSON.stringify(asked)}::jsonb, ${stepMs}::int, ${steps}::int)`,
  ).execute(db)
}

async function areAtMost(db: Kysely<Database>, most: number): Promise<boolean> {
  const { rows } = await rawRead(
    ['rateLimits'],
    sql<{ beyond: boolean }>`select exists (select from rate_limits offset ${most}) as beyond`,
  ).execute(db)
  return rows[0]?.beyond === false
}

/** Takes all counts out of the database. */
async function takeCounts(db: Kysely<Database>): Promise<{ nowMs: number; counted: NamedCounts[] }> {
  const { rows } = await rawWrite(
    ['rateLimits'],
    sql<{ nowMs: number; bucket: string | null; step: number; counts: number[] }>`
    with taken as (delete from rate_limits returning bucket, step::float8, counts)
    select extract(epoch from clock_timestamp())::float8 * 1000 as now_ms, bucket, step, counts
    from (select 1) as always left join taken on true`,
  ).execute(db)
  const counted = rows.flatMap(({ bucket, step, counts }) => (bucket === null ? [] : [{ bucket, step, counts }]))
  return { nowMs: rows[0]?.nowMs ?? 0, counted }
}

/** Buckets that nobody was charged to for an hour are empty. */
async function pruneCounts(db: Kysely<Database>): Promise<void> {
  const before = sql`extract(epoch from clock_timestamp()) * 1000 / ${stepMs}::int - ${steps + 1}::int`
  await rawWrite(['rateLimits'], sql`delete from rate_limits where step < ${before}`).execute(db)
}

/** The signal aborts when the time is over: what still waits to be sent need not be sent. */
async function inTime<Answer>(ask: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> {
  const over = new AbortController()
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    const error = new Error(`The database took longer than ${answerWithinMs} ms to count a request`)
    reject(error)
    over.abort(error)
  }, answerWithinMs)
  try {
    return await Promise.race([ask(over.signal), late])
  } finally {
    clearTimeout(timer)
  }
}
