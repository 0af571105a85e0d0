import { randomBytes } from 'node:crypto'
import { createRecorder, withScope } from '@extropy/db'
import { sql } from 'kysely'
import type { z } from 'zod'
import type { Principal } from '../auth/principal.ts'
import type { Context } from '../context.ts'
import { fieldError } from '../errors.ts'
import { getSource } from '../sources/sources.queries.ts'
import { inTransaction } from '../transaction.ts'
import { findAnswer, type Watched } from './find-answer.ts'
import { unanswered } from './recompute.job.ts'
import { getSubscription, type SubscriptionName } from './subscriptions.queries.ts'
import type { CreateSubscription } from './subscriptions.schema.ts'

/** Of one user, whatever the number of their keys: each costs an answer whenever the collection changes. */
const mostSubscriptions = 100

/**
 * Begins with the answer as it is now, which is no difference. It is made beside the row, which every write touches until its
 * dependencies are known.
 *
 * @throws AppError not_found of a source, conflict where the user has as many as one may
 */
export async function createSubscription(
  ctx: Context & { readonly principal: Principal },
  { kind, name, sourceId, question, nResults, ...filter }: z.output<typeof CreateSubscription>,
) {
  const { userId } = ctx.principal
  const source = sourceId === undefined ? undefined : await getSource(ctx.db, sourceId)
  const input = source === undefined ? { question, nResults, ...filter } : { sourceId }
  const id = await inTransaction(ctx.db, async (trx) => {
    await trx.selectFrom('users').select('id').where('id', '=', userId).forUpdate().execute()
    const own = await trx.selectFrom('subscriptions').select('id').where('userId', '=', userId).execute()
    if (own.length >= mostSubscriptions) {
      throw fieldError('conflict', 'question', `is one too many: a user has at most ${mostSubscriptions} subscriptions`)
    }
    const row = await trx
      .insertInto('subscriptions')
      .values({
        userId,
        kind,
        name: name ?? question ?? source?.label ?? kind,
        input: JSON.stringify(input) as never,
        feedToken: randomBytes(24).toString('base64url'),
        tags: ['*', unanswered],
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    return row.id
  })
  try {
    await answerFirst(ctx, id, { kind, input })
    return await getSubscription(ctx.db, { id, userId })
  } catch (error) {
    // Nobody would know of it: the caller has an error, and would make another. Also where the caller has gone.
    await withScope(ctx.db, { signal: undefined }).deleteFrom('subscriptions').where('id', '=', id).execute()
    throw error
  }
}

async function answerFirst(ctx: Context, id: string, watched: Watched): Promise<void> {
  const recorder = createRecorder()
  const signal = ctx.signal ?? new AbortController().signal
  const answer = await findAnswer({ ...ctx, db: withScope(ctx.db, { recorder }) }, watched, [], signal)
  const tags = recorder.unknown === undefined ? [...recorder.reads] : ['*']
  await ctx.db
    .updateTable('subscriptions')
    // A write that came in between has brought a job: until that has ended, every write touches it.
    .set({
      tags: sql<string[]>`case when touched = answered then ${tags}::text[] else '{*}' end`,
      answer: JSON.stringify(answer) as never,
    })
    .where('id', '=', id)
    // Else that job was faster, and what it found is the first answer.
    .where(sql<boolean>`tags @> ${[unanswered]}::text[]`)
    .execute()
}

/** @throws AppError not_found */
export async function deleteSubscription({ db }: Pick<Context, 'db'>, name: SubscriptionName) {
  await getSubscription(db, name)
  await db.deleteFrom('subscriptions').where('id', '=', name.id).execute()
  return { id: name.id }
}
