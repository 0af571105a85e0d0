import {
  checkIn,
  defineTable,
  doublePrecision,
  jsonb,
  nullable,
  type TableOf,
  text,
  timestamptz,
  uuid,
  withDefault,
} from '../define-table.ts'

const proposalStatuses = ['open', 'accepted', 'refused'] as const
export type ProposalStatus = (typeof proposalStatuses)[number]

/**
 * The target card seems to have grown out of the source card: its author may attribute it. One that was refused stays, so that it is not
 * offered again; its evidence goes.
 */
export const attributionProposals = defineTable({
  name: 'attribution_proposals',
  columns: {
    id: withDefault(uuid()),
    /** The older card. */
    sourceCardId: uuid(),
    sourceUserId: uuid(),
    /** The newer one. */
    targetCardId: uuid(),
    /** Who may accept or refuse. */
    targetUserId: uuid(),
    /** 0 to 1: the share of what the older one says that the newer one says too. */
    coverage: doublePrecision(),
    /** Sentences of both cards, while it is open. */
    evidence: withDefault(jsonb<Record<string, unknown>>()),
    status: withDefault(text<ProposalStatus>()),
    createdAt: withDefault(timestamptz()),
    decidedAt: nullable(timestamptz()),
  },
  constraints: {
    attribution_proposals_pkey: 'PRIMARY KEY (id)',
    attribution_proposals_pair_key: 'UNIQUE (source_card_id, target_card_id)',
    attribution_proposals_source_fkey:
      'FOREIGN KEY (source_card_id, source_user_id) REFERENCES cards(id, user_id) ON DELETE CASCADE',
    attribution_proposals_target_fkey:
      'FOREIGN KEY (target_card_id, target_user_id) REFERENCES cards(id, user_id) ON DELETE CASCADE',
    attribution_proposals_own_card_check: 'CHECK ((source_user_id <> target_user_id))',
    attribution_proposals_coverage_check:
      'CHECK (((coverage >= (0)::double precision) AND (coverage <= (1)::double precision)))',
    attribution_proposals_status_check: checkIn('status', proposalStatuses),
    attribution_proposals_decided_check: "CHECK (((status = 'open'::text) = (decided_at IS NULL)))",
  },
  indexes: {
    idx_attribution_proposals_target_user_created_desc: {
      using: 'btree (target_user_id, created_at DESC, id DESC)',
      where: "(status = 'open'::text)",
      serves: 'attributions.listProposals',
    },
    idx_attribution_proposals_target_card: {
      using: 'btree (target_card_id)',
      serves: 'its foreign key; proposals.dropOpen',
    },
  },
})

export type AttributionProposalsTable = TableOf<typeof attributionProposals>
