import {
  checkIn,
  defineTable,
  nullable,
  type TableOf,
  text,
  timestamptz,
  tokens,
  uuid,
  withDefault,
} from '../define-table.ts'

export const attributionTypes = ['citation', 'remix', 'reply'] as const
export type AttributionType = (typeof attributionTypes)[number]

/**
 * The target card cites, remixes or answers the source card; its owner paid the source's. Both owners are copied here,
 * held to their cards by the foreign keys: nobody attributes their own card, and a user's list needs no join.
 */
export const attributions = defineTable({
  name: 'attributions',
  columns: {
    id: withDefault(uuid()),
    sourceCardId: uuid(),
    /** The user who was paid. */
    sourceUserId: uuid(),
    targetCardId: uuid(),
    /** The user who paid. */
    targetUserId: uuid(),
    type: text<AttributionType>(),
    context: nullable(text()),
    excerpt: nullable(text()),
    tokensTransferred: tokens(),
    createdAt: withDefault(timestamptz()),
  },
  constraints: {
    attributions_pkey: 'PRIMARY KEY (id)',
    attributions_source_card_id_target_card_id_type_key: 'UNIQUE (source_card_id, target_card_id, type)',
    attributions_source_fkey:
      'FOREIGN KEY (source_card_id, source_user_id) REFERENCES cards(id, user_id) ON DELETE CASCADE',
    attributions_target_fkey:
      'FOREIGN KEY (target_card_id, target_user_id) REFERENCES cards(id, user_id) ON DELETE CASCADE',
    attributions_type_check: checkIn('type', attributionTypes),
    attributions_tokens_check: 'CHECK ((tokens_transferred > (0)::numeric))',
    attributions_own_card_check: 'CHECK (((source_card_id <> target_card_id) AND (source_user_id <> target_user_id)))',
  },
  indexes: {
    idx_attributions_source_created_desc: {
      using: 'btree (source_card_id, created_at DESC, id DESC)',
      serves: 'attributions.listBacklinks',
    },
    idx_attributions_target_created_desc: {
      using: 'btree (target_card_id, created_at DESC, id DESC)',
      serves: 'attributions.getAttributionGraph; its foreign key',
    },
    idx_attributions_source_user_created_desc: {
      using: 'btree (source_user_id, created_at DESC, id DESC)',
      serves: 'attributions.listReceived',
    },
  },
})

export type AttributionsTable = TableOf<typeof attributions>
