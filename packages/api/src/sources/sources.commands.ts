import type { Database, Platform } from '@extropy/db'
import { planTarget, type Target, TargetError } from '@extropy/intake'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { z } from 'zod'
import { fieldError } from '../errors.ts'
import { enqueue } from '../jobs/enqueue.ts'
import { scrapeJob } from './look.job.ts'
import { getSource, getSourceRow } from './sources.queries.ts'
import type { AddedSource, AddSource, UpdateSource } from './sources.schema.ts'

/** In bytes: the index over targets holds no longer ones, and no host has any to give. */
const longestAddress = 2000

/** A target that can be kept. @throws TargetError */
export function planSource(text: string, platform?: Platform): Target {
  // Before it is read, which takes longer the longer it is; and after that, for a letter may have become nine bytes.
  refuseLongerThan(text)
  const target = planTarget(text, platform)
  refuseLongerThan(target.key)
  refuseLongerThan(target.url)
  return target
}

function refuseLongerThan(address: string): void {
  if (Buffer.byteLength(address) <= longestAddress) return
  throw new TargetError(`An address must be at most ${longestAddress.toLocaleString('en')} bytes: this one has more.`)
}

/** What a caller wrote, understood. @throws AppError invalid_input */
export function readTarget(target: string, platform?: Platform): Target {
  try {
    return planSource(target, platform)
  } catch (error) {
    if (error instanceof TargetError) throw fieldError('invalid_input', 'target', error.message)
    throw error
  }
}

/** Adds a source, and looks at it at once; one that is there already stays as it is. */
export async function addSource(
  trx: Transaction<Database>,
  userId: string,
  { target: text, platform, limit, intervalSeconds }: z.output<typeof AddSource>,
): Promise<z.output<typeof AddedSource>> {
  const target = readTarget(text, platform)
  const inserted = await insertSource(trx, target, { addedBy: userId, itemLimit: limit, intervalSeconds })
  if (inserted === undefined) {
    const { id } = await findByTarget(trx, target)
    return { ...(await getSource(trx, id)), isNew: false, jobId: null }
  }
  const job = await enqueue(trx, scrapeJob, { target, sourceId: inserted, limit }, { userId })
  return { ...(await getSource(trx, inserted)), isNew: true, jobId: job.id }
}

interface NewSource {
  readonly addedBy: string | null
  readonly itemLimit?: number
  readonly intervalSeconds?: number | null
  readonly folders?: readonly string[]
  readonly title?: string | null
  /** When the first look is due, where no job is begun for it. */
  readonly nextAt?: Date
}

/** Its id; undefined where it is there already. */
export async function insertSource(
  trx: Kysely<Database>,
  { platform, kind, key, url, label }: Target,
  { nextAt, folders = [], ...more }: NewSource,
): Promise<string | undefined> {
  const row = await trx
    .insertInto('sources')
    .values({
      platform,
      kind,
      target: key,
      url,
      label,
      ...more,
      folders: [...folders],
      nextReason: 'it has not been looked at yet',
      nextAt: (nextAt ?? new Date(Date.now() + lostLookMs)).toISOString(),
    })
    .onConflict((conflict) => conflict.constraint('sources_target_key').doNothing())
    .returning('id')
    .executeTakeFirst()
  return row?.id
}

/** Should the job of a look be lost, the source is looked at then. */
const lostLookMs = 15 * 60_000

/** For a source whose look is in the queue. */
export async function putOff(trx: Transaction<Database>, id: string): Promise<void> {
  await trx
    .updateTable('sources')
    .set({
      nextAt: new Date(Date.now() + lostLookMs).toISOString(),
      nextReason: 'its look is in the queue; then again, should that be lost',
    })
    .where('id', '=', id)
    .where('status', '<>', 'paused')
    .execute()
}

function findByTarget(db: Kysely<Database>, { platform, key }: Target) {
  return db
    .selectFrom('sources')
    .select('id')
    .where('platform', '=', platform)
    .where('target', '=', key)
    .executeTakeFirstOrThrow()
}

/** @throws AppError not_found */
export async function updateSource(
  trx: Transaction<Database>,
  { id, paused, limit, intervalSeconds }: z.output<typeof UpdateSource>,
) {
  const { status } = await getSourceRow(trx, id)
  const isStarted = paused === false && status === 'paused'
  await trx
    .updateTable('sources')
    .set({
      ...(limit === undefined ? {} : { itemLimit: limit }),
      ...(intervalSeconds === undefined ? {} : { intervalSeconds }),
      ...(paused === true ? { status: 'paused' as const, nextAt: null, nextReason: 'it is paused' } : {}),
      ...(isStarted
        ? { status: 'active' as const, nextAt: sql<string>`now()`, nextReason: 'it is no longer paused', failures: 0 }
        : {}),
      // A new interval counts from the last look on.
      ...(intervalSeconds === undefined || intervalSeconds === null || status === 'paused' || paused === true
        ? {}
        : {
            nextAt: sql<string>`greatest(now(), coalesce(last_fetched_at, now()) + make_interval(secs => ${intervalSeconds}))`,
            nextReason: 'the interval that was set for it',
          }),
    })
    .where('id', '=', id)
    .execute()
  return getSource(trx, id)
}

/** Stops looking at a source. Its contents stay, and so does its log. @throws AppError not_found */
export async function removeSource(trx: Transaction<Database>, id: string) {
  const source = await getSource(trx, id)
  await trx.deleteFrom('sources').where('id', '=', id).execute()
  return source
}

/** Looks at a source now, whatever its time. @throws AppError not_found */
export async function refreshSource(trx: Transaction<Database>, userId: string, id: string) {
  const { platform, kind, target, url, label, itemLimit } = await getSourceRow(trx, id)
  const given = { target: { platform, kind, key: target, url, label }, sourceId: id, limit: itemLimit }
  // A job is its user's: another one who asks gets one of their own, and not that.
  return enqueue(trx, scrapeJob, given, { userId, singletonKey: `source:${id}:${userId}` })
}
