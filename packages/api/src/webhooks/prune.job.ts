import { definePruning } from '../jobs/define-pruning.ts'

/** Removes deliveries that ended long ago. */
export const pruneDeliveries = definePruning({
  kind: 'webhooks.prune',
  keepDays: 30,
  find: (db, before, limit) =>
    db
      .selectFrom('webhookDeliveries')
      .select('id')
      .where('queuedAt', '<', before)
      .where('status', '<>', 'pending')
      .limit(limit)
      .execute(),
  remove: (trx, ids) => trx.deleteFrom('webhookDeliveries').where('id', 'in', ids).execute(),
})
