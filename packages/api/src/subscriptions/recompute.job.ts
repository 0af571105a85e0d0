import { createRecorder, type SubscribedItem, withScope } from '@extropy/db'
import { sql } from 'kysely'
import { z } from 'zod'
import { Id } from '../id.ts'
import { defineJob } from '../jobs/define-job.ts'
import { emit } from '../webhooks/emit.ts'
import { additionsOf, differenceOf } from './difference.ts'
import { findAnswer } from './find-answer.ts'

/** Among the tags of one that has no first answer yet: what is found then is no difference. */
export const unanswered = 'unanswered'

/**
 * Makes a subscription's answer anew, and tells the difference. While it is made, every write counts as one that touches it, since its
 * new dependencies are not known yet; a job that finds nothing to do ends with one read.
 */
export const recomputeJob = defineJob({
  kind: 'subscriptions.recompute',
  seenBy: 'admins',
  input: z.strictObject({ id: Id }),
  concurrency: { ofKind: 4, lanes: ({ id }) => ({ [`subscription:${id}`]: 1 }) },
  async run({ deps, input: { id }, signal, write }) {
    const now = await deps.db
      .selectFrom('subscriptions')
      .select(['touched', 'answered'])
      // What was met a little earlier may have been committed after the answer was made.
      .select(sql<string>`greatest(created_at, answered_at - interval '10 minutes')`.as('since'))
      .where('id', '=', id)
      .executeTakeFirst()
    if (now === undefined || now.touched === now.answered) return { isAnswered: false }
    const subscription = await write((trx) =>
      trx
        .updateTable('subscriptions')
        // Of the database's clock: what was committed before is in the answer.
        .set({
          tags: sql<
            string[]
          >`case when tags @> ${[unanswered]}::text[] then ${['*', unanswered]}::text[] else '{*}' end`,
          answeredAt: sql<string>`clock_timestamp()`,
        })
        .where('id', '=', id)
        .returning(['kind', 'input', 'answer', 'touched', 'userId', 'name'])
        .executeTakeFirst(),
    )
    if (subscription === undefined) return { isAnswered: false }
    const { kind, input, answer: before, touched, userId, name } = subscription
    const recorder = createRecorder()
    const recorded = { ...deps, db: withScope(deps.db, { recorder }) }
    const answer = await findAnswer(recorded, { kind, input, since: now.since }, before, signal)
    const change = await write(async (trx) => {
      // As it is now: the first one may have come in between.
      const known = await trx
        .selectFrom('subscriptions')
        .select(['answer', 'tags'])
        .where('id', '=', id)
        .forUpdate()
        .executeTakeFirst()
      if (known === undefined) return undefined
      const compare = kind === 'source' ? additionsOf : differenceOf
      const change = known.tags.includes(unanswered) ? undefined : compare(known.answer, answer)
      const { lastSequence } = await trx
        .updateTable('subscriptions')
        .set({
          tags: recorder.unknown === undefined ? [...recorder.reads] : ['*'],
          answered: touched,
          answer: toJson(answer),
          lastSequence: sql<string>`last_sequence + ${change === undefined ? 0 : 1}::int`,
        })
        .where('id', '=', id)
        .returning('lastSequence')
        .executeTakeFirstOrThrow()
      if (change === undefined) return undefined
      await trx
        .insertInto('subscriptionChanges')
        .values({ subscriptionId: id, sequence: lastSequence, change: JSON.stringify(change) as never })
        .execute()
      await emit(trx, {
        userId,
        type: 'subscription.changed',
        data: { subscriptionId: id, name, sequence: lastSequence, ...change },
      })
      return change
    })
    return { isAnswered: true, isChanged: change !== undefined }
  },
})

function toJson(answer: readonly SubscribedItem[]): never {
  return JSON.stringify(answer) as never
}
