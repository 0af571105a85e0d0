import {
  bigint,
  checkIn,
  defineTable,
  jsonb,
  type TableOf,
  text,
  textArray,
  timestamptz,
  uuid,
  withDefault,
} from '../define-table.ts'

export const subscriptionKinds = ['answer', 'search', 'source'] as const
export type SubscriptionKind = (typeof subscriptionKinds)[number]

/** One thing that an answer says: a sentence with its receipts, a result, a content. */
export interface SubscribedItem {
  /** The content that it is of. */
  readonly contentId: string
  readonly text: string
  readonly receipts: readonly string[]
}

export interface SubscriptionChange {
  readonly new: readonly SubscribedItem[]
  readonly gone: readonly SubscribedItem[]
  /** Another sentence of the same content. */
  readonly changed: readonly { readonly before: SubscribedItem; readonly after: SubscribedItem }[]
}

/** A question whose answer is watched. */
export const subscriptions = defineTable({
  name: 'subscriptions',
  columns: {
    id: withDefault(uuid()),
    userId: uuid(),
    kind: text<SubscriptionKind>(),
    name: text(),
    /** The question with its filters, or the source. */
    input: jsonb<Record<string, unknown>>(),
    /** The answer's dependencies, as the cache names them; `*` while it is being made: then every write touches it. */
    tags: withDefault(textArray()),
    /** Counts writes that touched it; the answer is of `answered` of them. */
    touched: withDefault(bigint()),
    answered: withDefault(bigint()),
    answer: withDefault(jsonb<readonly SubscribedItem[]>()),
    lastSequence: withDefault(bigint()),
    /** In the address of its feed, for readers that send no key. */
    feedToken: text(),
    createdAt: withDefault(timestamptz()),
    answeredAt: withDefault(timestamptz()),
  },
  constraints: {
    subscriptions_pkey: 'PRIMARY KEY (id)',
    subscriptions_user_id_fkey: 'FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE',
    subscriptions_feed_token_key: 'UNIQUE (feed_token)',
    subscriptions_kind_check: checkIn('kind', subscriptionKinds),
  },
  indexes: {
    idx_subscriptions_user_created_desc: {
      using: 'btree (user_id, created_at DESC, id DESC)',
      serves: 'subscriptions.listSubscriptions',
    },
    idx_subscriptions_tags: { using: 'gin (tags)', serves: 'subscriptions.touch' },
  },
})

export type SubscriptionsTable = TableOf<typeof subscriptions>

/** The differences that were told, in their order. */
export const subscriptionChanges = defineTable({
  name: 'subscription_changes',
  columns: {
    id: withDefault(uuid()),
    subscriptionId: uuid(),
    sequence: bigint(),
    change: jsonb<SubscriptionChange>(),
    createdAt: withDefault(timestamptz()),
  },
  constraints: {
    subscription_changes_pkey: 'PRIMARY KEY (id)',
    subscription_changes_sequence_key: 'UNIQUE (subscription_id, sequence)',
    subscription_changes_subscription_id_fkey:
      'FOREIGN KEY (subscription_id) REFERENCES subscriptions(id) ON DELETE CASCADE',
  },
  indexes: {
    idx_subscription_changes_created: { using: 'btree (created_at)', serves: 'subscriptions.prune' },
    idx_subscription_changes_created_desc: {
      using: 'btree (subscription_id, created_at DESC, id DESC)',
      serves: 'subscriptions.listChanges',
    },
  },
})

export type SubscriptionChangesTable = TableOf<typeof subscriptionChanges>
