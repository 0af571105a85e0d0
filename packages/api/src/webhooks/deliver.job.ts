import type { Database, DeliveryAttempt } from '@extropy/db'
import type { Fetched, Intake } from '@extropy/intake'
import { type Kysely, sql, type Transaction } from 'kysely'
import { z } from 'zod'
import { Id } from '../id.ts'
import { defineJob, JobError } from '../jobs/define-job.ts'
import { enqueue } from '../jobs/enqueue.ts'
import { signatureHeaders } from './sign.ts'

/** A receiver that takes longer does its work before it answers, and should not. */
const timeoutMs = 15_000
const dayMs = 24 * 3600 * 1000
/** 5 s, 20 s, 80 s and so on, two hours at most: some 17 attempts a day. */
const firstPauseMs = 5000
const mostPauseMs = 2 * 3600 * 1000
const keptAttempts = 10
/** Of one run: slow receivers, at 15 s each, then take half of its ten minutes, and the rest has a job of its own. */
const mostOfRun = 20
/** An answer's body is read no further than for a line of the log. */
const readBytes = 4096

/**
 * Sends what waits for one endpoint, in its order, until nothing waits or an attempt fails. Each event brings a job, and the lane lets
 * one of an endpoint run at a time; those that find nothing to do end at once. A singleton key would lose the event that comes between
 * a run's last look and its end.
 */
export const deliverJob = defineJob({
  kind: 'webhooks.deliver',
  seenBy: 'admins',
  input: z.strictObject({ webhookId: Id }),
  concurrency: {
    lanes: ({ webhookId }) => ({ [`webhook:${webhookId}`]: 1 }),
    ofWorker: { group: 'webhooks', leaving: 3 },
  },
  async run({ deps, input: { webhookId }, signal, write }) {
    const { intake } = deps
    if (intake === undefined) throw new JobError('This server sends nothing to the outside.', { retryMs: 'never' })
    let sent = 0
    let tried = 0
    for (;;) {
      const next = await findNext(deps.db, webhookId)
      // Later: a job for that time is in the queue.
      if (next === undefined || (next.nextAt !== null && Date.parse(next.nextAt) > Date.now())) return { sent }
      const attempt = await send(intake, next, signal)
      if (attempt.isDelivered) sent++
      const isLast = ++tried === mostOfRun
      const goesOn = await write(async (trx) => {
        const isNextDue = await settle(trx, next, attempt)
        if (isNextDue && isLast) await enqueue(trx, deliverJob, { webhookId })
        return isNextDue
      })
      if (!goesOn || isLast) return { sent }
    }
  },
})

type Next = NonNullable<Awaited<ReturnType<typeof findNext>>>

/** The oldest that waits at an endpoint that is active. */
export function findNext(db: Kysely<Database>, webhookId: string) {
  return db
    .selectFrom('webhookDeliveries as delivery')
    .innerJoin('webhooks', 'webhooks.id', 'delivery.webhookId')
    .select(['delivery.id', 'body', 'attempts', 'nextAt', 'queuedAt', 'webhookId', 'log'])
    .select(['url', 'secret', 'previousSecret', 'previousUntil'])
    .where('webhookId', '=', webhookId)
    .where('delivery.status', '=', 'pending')
    .where('webhooks.status', '=', 'active')
    .orderBy('sequence')
    .limit(1)
    .executeTakeFirst()
}

interface Attempt extends DeliveryAttempt {
  readonly isDelivered: boolean
  readonly retryAfterMs: number | undefined
}

async function send(intake: Intake, { id, body, url, ...secrets }: Next, signal: AbortSignal): Promise<Attempt> {
  const now = new Date()
  const headers = { 'content-type': 'application/json', ...signatureHeaders({ id, body }, holding(secrets, now), now) }
  const request = {
    method: 'POST',
    headers,
    body,
    redirect: 'manual',
    timeoutMs,
    maxBytes: readBytes,
    cut: true,
    signal,
  } as const
  const fetched = await intake.guardedFetch.fetch(url, request)
  const status = fetched.status ?? null
  return {
    at: now.toISOString(),
    status,
    message: messageOf(fetched),
    tookMs: Math.round(fetched.timings.totalMs),
    // It has taken the message, whatever becomes of its answer's body.
    isDelivered: status !== null && status >= 200 && status < 300,
    retryAfterMs: fetched.retryAfterMs,
  }
}

function holding(
  { secret, previousSecret, previousUntil }: Pick<Next, 'secret' | 'previousSecret' | 'previousUntil'>,
  now: Date,
) {
  const holdsToo = previousSecret !== null && previousUntil !== null && Date.parse(previousUntil) > now.getTime()
  return holdsToo ? [secret, previousSecret] : [secret]
}

function messageOf(fetched: Fetched): string {
  if ('message' in fetched) return fetched.message
  return `The receiver answered ${fetched.status}.`
}

/** Writes down what came of an attempt. Returns whether the next one may be sent now. */
async function settle(
  trx: Transaction<Database>,
  { id, webhookId, attempts, queuedAt, log }: Next,
  attempt: Attempt,
): Promise<boolean> {
  const { isDelivered, retryAfterMs = 0, ...said } = attempt
  const isGone = attempt.status === 410
  const isLate = Date.now() - Date.parse(queuedAt) > dayMs
  // What a receiver asks for is heeded as far as its day goes: those behind this message wait for it.
  const pauseMs = Math.min(mostPauseMs, Math.max(retryAfterMs, pauseAfter(attempts + 1)))
  const endMs = Date.parse(queuedAt) + dayMs + 1
  const nextAt = isDelivered || isGone || isLate ? null : new Date(Math.min(Date.now() + pauseMs, endMs))
  await trx
    .updateTable('webhookDeliveries')
    .set({
      status: isDelivered ? 'delivered' : isLate ? 'dead' : 'pending',
      attempts: attempts + 1,
      log: JSON.stringify([...log, said].slice(-keptAttempts)) as never,
      nextAt: nextAt?.toISOString() ?? null,
      deliveredAt: isDelivered ? sql<string>`now()` : null,
    })
    .where('id', '=', id)
    .execute()
  if (isGone) await disable(trx, webhookId)
  if (nextAt !== null) await enqueue(trx, deliverJob, { webhookId }, { runAfter: nextAt })
  return nextAt === null && !isGone
}

/** Half of it is random, so that receivers that have failed together are not asked together. */
function pauseAfter(attempts: number): number {
  const pauseMs = Math.min(mostPauseMs, firstPauseMs * 4 ** (attempts - 1))
  return pauseMs * (0.5 + Math.random() / 2)
}

/** 410 says that the receiver wants no more; what waits stays, and goes on where it is made active again. */
async function disable(trx: Transaction<Database>, id: string): Promise<void> {
  const disabledReason = 'The receiver answered 410: it wants no more of these.'
  await trx
    .updateTable('webhooks')
    .set({ status: 'disabled', disabledReason, updatedAt: sql<string>`now()` })
    .where('id', '=', id)
    .execute()
}
