import { definePruning } from '../jobs/define-pruning.ts'

/** Removes differences that were told long ago: whoever resumes behind one of those gets the later ones. */
export const pruneChanges = definePruning({
  kind: 'subscriptions.prune',
  keepDays: 365,
  find: (db, before, limit) =>
    db
      .selectFrom('subscriptionChanges')
      .select('id')
      .where('createdAt', '<', before)
      .orderBy('createdAt')
      .limit(limit)
      .execute(),
  remove: (trx, ids) => trx.deleteFrom('subscriptionChanges').where('id', 'in', ids).execute(),
})
