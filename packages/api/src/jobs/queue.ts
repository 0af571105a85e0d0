import { type Database, rawRead, rawWrite } from '@extropy/db'
import { type Kysely, sql, type Transaction } from 'kysely'
import { inTransaction } from '../transaction.ts'
import { JobLostError } from './define-job.ts'
import { jobsChannel } from './enqueue.ts'
import type { Places } from './places.ts'

/** A job that this worker runs now. */
export interface Held {
  readonly id: string
  readonly fence: number
}

export interface ClaimedJob extends Held {
  readonly kind: string
  readonly input: unknown
  readonly userId: string | null
  readonly attempt: number
  readonly maxAttempts: number
  readonly singletonKey: string | null
}

interface ClaimOptions {
  /** Kind to the longest time of a run. */
  readonly deadlinesMs: ReadonlyMap<string, number>
  readonly most: number
  readonly leaseMs: number
  /** Counted anew for each try at the transaction. Default: places of whatever kind. */
  readonly places?: () => Places
}

const anyPlaces: Places = { hasRoom: () => true, take: () => {} }

/** Any number, as long as nothing else in the database takes the same advisory lock: "jobs" in ASCII. */
const claimLock = 0x6a_6f_62_73
/** Candidates looked at together. */
const windowSize = 50
/** Each look fills at least one more lane. */
const mostLooks = 20

/**
 * The jobs that may run now, the longest due first. One worker claims at a time, which makes limits strict on all servers together:
 * each sees every run that another has begun. Jobs in full lanes, or without a place here, are passed over, and hold up nobody behind them.
 *
 * Tried instead: counting a lane in the claim's own statement, without the lock, lets two servers both take the last place.
 */
export async function claimJobs(db: Kysely<Database>, options: ClaimOptions): Promise<ClaimedJob[]> {
  const { places: countPlaces = () => anyPlaces } = options
  const openTo = ({ hasRoom }: Places) => [...options.deadlinesMs.keys()].filter(hasRoom)
  if (!(await isAnyDue(db, openTo(countPlaces())))) return []
  return inTransaction(db, async (trx) => {
    await rawRead([], sql`select pg_advisory_xact_lock(${claimLock})`).execute(trx)
    const lanes = await readLanes(trx)
    const places = countPlaces()
    const chosen: string[] = []
    for (let look = 0; look < mostLooks && chosen.length < options.most; look++) {
      const window = await readCandidates(trx, openTo(places), lanes.full(), chosen)
      for (const { id, kind, lanes: wanted } of window) {
        if (chosen.length === options.most || !places.hasRoom(kind) || !lanes.enter(wanted)) continue
        places.take(kind)
        chosen.push(id)
      }
      if (window.length < windowSize) break
    }
    return chosen.length === 0 ? [] : begin(trx, chosen, options)
  })
}

/** Without the lock: an idle worker asks this every second. */
async function isAnyDue(db: Kysely<Database>, kinds: readonly string[]): Promise<boolean> {
  const { rows } = await rawRead(
    ['jobs'],
    sql`select from jobs where status = 'queued' and run_after <= now() and kind = any(${kinds}) limit 1`,
  ).execute(db)
  return rows.length > 0
}

/** Lanes are written as `1 host:example.org`: the limit is the job's own, and the count that of the name. */
async function readLanes(trx: Transaction<Database>) {
  const { rows } = await rawRead(
    ['jobs'],
    sql<{ lane: string; running: number }>`
    select lane, count(*)::int as running from jobs, unnest(lanes) as lane where status = 'running' group by lane`,
  ).execute(trx)
  const counts = new Map<string, number>()
  const seen = new Set<string>()
  const split = (lane: string) => [Number.parseInt(lane, 10), lane.slice(lane.indexOf(' ') + 1)] as const
  const hasRoom = (lane: string) => {
    const [limit, name] = split(lane)
    return (counts.get(name) ?? 0) < limit
  }
  for (const { lane, running } of rows) {
    seen.add(lane)
    const [, name] = split(lane)
    counts.set(name, (counts.get(name) ?? 0) + running)
  }
  return {
    full: () => [...seen].filter((lane) => !hasRoom(lane)),
    enter(lanes: readonly string[]): boolean {
      for (const lane of lanes) seen.add(lane)
      if (!lanes.every(hasRoom)) return false
      for (const lane of lanes) {
        const [, name] = split(lane)
        counts.set(name, (counts.get(name) ?? 0) + 1)
      }
      return true
    },
  }
}

async function readCandidates(
  trx: Transaction<Database>,
  kinds: readonly string[],
  full: readonly string[],
  chosen: readonly string[],
) {
  const { rows } = await rawRead(
    ['jobs'],
    sql<{ id: string; kind: string; lanes: string[] }>`
    select id, kind, lanes from jobs
    where status = 'queued' and run_after <= now() and kind = any(${kinds})
      and not lanes && ${full}::text[] and id <> all(${chosen}::uuid[])
    order by run_after, id limit ${windowSize}
    for no key update skip locked`,
  ).execute(trx)
  return rows
}

async function begin(trx: Transaction<Database>, ids: readonly string[], { deadlinesMs, leaseMs }: ClaimOptions) {
  const { rows } = await rawWrite(
    ['jobs'],
    sql<ClaimedJob>`
    update jobs set status = 'running', attempt = attempt + 1, fence = fence + 1, revision = revision + 1,
      lease_until = clock_timestamp() + ${leaseMs} * interval '1 ms', started_at = clock_timestamp(),
      deadline_at = clock_timestamp() + deadline.ms * interval '1 ms', progress_rate = null
    from unnest(${[...deadlinesMs.keys()]}::text[], ${[...deadlinesMs.values()]}::float8[]) as deadline (kind, ms)
    where id = any(${ids}::uuid[]) and jobs.kind = deadline.kind
    returning id, fence, jobs.kind, input, user_id, attempt, max_attempts, singleton_key`,
  ).execute(trx)
  return rows
}

/** Says that these runs live. Those that are missing from the answer are no longer the caller's. */
export async function renewLeases(db: Kysely<Database>, held: readonly Held[], leaseMs: number) {
  const { rows } = await rawWrite(
    ['jobs'],
    sql<{ id: string; isCancelled: boolean }>`
    update jobs set lease_until = clock_timestamp() + ${leaseMs} * interval '1 ms'
    from unnest(${held.map(({ id }) => id)}::uuid[], ${held.map(({ fence }) => fence)}::int[]) as held (id, fence)
    where jobs.id = held.id and jobs.fence = held.fence and status = 'running'
    returning jobs.id, cancel_requested_at is not null as is_cancelled`,
  ).execute(db)
  return new Map(rows.map(({ id, isCancelled }) => [id, isCancelled]))
}

/** The last statement of each of a run's transactions: it locks the job's row, so that nobody takes the job before the commit. */
export function fenceOf({ id, fence }: Held, leaseMs: number) {
  return {
    sql: `update jobs set lease_until = clock_timestamp() + $3 * interval '1 ms'
      where id = $1 and fence = $2 and status = 'running' and cancel_requested_at is null returning id`,
    parameters: [id, fence, leaseMs],
    refusal: () => new JobLostError(),
  }
}

export interface Shown {
  readonly done: number | null
  readonly total: number | null
  readonly perSecond: number | null
  /** JSON. */
  readonly log: string
}

/** Writes what people see of a run. */
export async function showProgress(db: Kysely<Database>, { id, fence }: Held, shown: Shown): Promise<void> {
  await rawWrite(
    ['jobs'],
    sql`
    update jobs set progress_done = ${shown.done}, progress_total = ${shown.total}, progress_rate = ${shown.perSecond},
      log = ${shown.log}::jsonb, revision = revision + 1
    where id = ${id} and fence = ${fence} and status = 'running'`,
  ).execute(db)
}

export interface RunEnd {
  readonly status: 'queued' | 'succeeded' | 'failed' | 'dead' | 'cancelled'
  /** JSON; null where there is none. */
  readonly result?: string | null
  readonly error?: string | null
  /** Of a job that is queued again. */
  readonly runInMs?: number
  /** Whether the run counts as one that never was. */
  readonly isGivenBack?: boolean
}

export interface EndedRun extends Held {
  readonly end: RunEnd
  readonly shown: Shown
}

/**
 * Ends runs, and returns the ids of those that were still the caller's to end. A job that was to be cancelled is, whatever the end.
 * Of one that is given back, the other servers hear.
 */
export async function endRuns(db: Kysely<Database>, runs: readonly EndedRun[]): Promise<ReadonlySet<string>> {
  const given = runs.map(({ id, fence, end, shown }) => ({ id, fence, ...end, ...shown, log: JSON.parse(shown.log) }))
  const isAnyGivenBack = runs.some(({ end }) => end.isGivenBack)
  const { rows } = await rawWrite(
    ['jobs'],
    sql<{ id: string }>`
    with ended as (
      update jobs set
        status = case when cancel_requested_at is null then run.status else 'cancelled' end,
        finished_at = case when cancel_requested_at is null and run.status = 'queued' then null else clock_timestamp() end,
        result = run.result::jsonb, error = case when run."isGivenBack" then jobs.error else run.error end,
        attempt = attempt - case when run."isGivenBack" then 1 else 0 end,
        run_after = case when run.status = 'queued'
          then clock_timestamp() + coalesce(run."runInMs", 0) * interval '1 ms' else run_after end,
        lease_until = null, deadline_at = null, progress_done = run.done, progress_total = run.total,
        progress_rate = run."perSecond", log = run.log, revision = revision + 1
      from jsonb_to_recordset(${JSON.stringify(given)}::jsonb) as run (id uuid, fence integer, status text, result text, error text,
        "runInMs" float8, "isGivenBack" boolean, done integer, total integer, "perSecond" float8, log jsonb)
      where jobs.id = run.id and jobs.fence = run.fence and jobs.status = 'running'
      returning jobs.id
    )
    select id, ${isAnyGivenBack ? sql`pg_notify(${jobsChannel}, '')` : sql`null`} as told from ended`,
  ).execute(db)
  return new Set(rows.map(({ id }) => id))
}

/** Puts back jobs whose worker has not been heard from; `everyone`: also those whose lease goes on, for nobody else can be at work. */
export async function reclaimLost(db: Kysely<Database>, { everyone = false } = {}): Promise<number> {
  const { rows } = await rawWrite(
    ['jobs'],
    sql`
    update jobs set
      status = case when cancel_requested_at is not null then 'cancelled' when attempt >= max_attempts then 'dead' else 'queued' end,
      finished_at = case when cancel_requested_at is not null or attempt >= max_attempts then clock_timestamp() end,
      error = 'The worker that ran it was lost.', fence = fence + 1, lease_until = null, deadline_at = null,
      run_after = clock_timestamp(), revision = revision + 1
    where id in (
      select id from jobs where status = 'running' and (lease_until < clock_timestamp() or ${everyone}::boolean)
      for no key update skip locked)
    returning id`,
  ).execute(db)
  return rows.length
}

export interface QueueStats {
  /** Due or not. */
  readonly queued: number
  readonly running: number
  /** Failed for good, and dead. */
  readonly failed: number
  readonly oldestWaitingSeconds: number
}

export async function readQueueStats(db: Kysely<Database>): Promise<QueueStats> {
  const { rows } = await rawRead(
    ['jobs'],
    sql<QueueStats>`
    select (select count(*)::int from jobs where status = 'queued') as queued,
      (select count(*)::int from jobs where status = 'running') as running,
      (select count(*)::int from jobs where status in ('failed', 'dead')) as failed,
      coalesce((select greatest(0, extract(epoch from clock_timestamp() - min(run_after)))::float8
        from jobs where status = 'queued'), 0) as oldest_waiting_seconds`,
  ).execute(db)
  return rows[0] as QueueStats
}
