import {
  bigint,
  bytea,
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

export const transactionTypes = ['earn', 'transfer', 'attribution'] as const
export type TransactionType = (typeof transactionTypes)[number]

/**
 * One token movement. Append-only, by trigger; split by month. Cards and attributions may be deleted, what was paid for
 * them was still paid: their ids are history here, not foreign keys.
 */
export const extropyLedger = defineTable({
  name: 'extropy_ledger',
  partitionedBy: 'created_at',
  columns: {
    id: withDefault(uuid()),
    /** Null: minted. */
    fromUserId: nullable(uuid()),
    toUserId: uuid(),
    amount: tokens(),
    transactionType: text<TransactionType>(),
    cardId: nullable(uuid()),
    attributionId: nullable(uuid()),
    fromBalanceAfter: nullable(tokens()),
    toBalanceAfter: tokens(),
    /** Unique over all months: see extropy_ledger_keys. */
    idempotencyKey: nullable(text()),
    /** This row's number in the chain of each account that it touches: 1, 2, 3 and so on, without a gap. */
    fromSequence: nullable(bigint()),
    toSequence: bigint(),
    /** The hash of the row before it in each of the two chains. */
    fromPreviousHash: nullable(bytea()),
    toPreviousHash: nullable(bytea()),
    /** See ledger-hash.ts. */
    hash: bytea(),
    createdAt: withDefault(timestamptz()),
  },
  maintains: ['extropy_ledger_keys'],
  constraints: {
    extropy_ledger_pkey: 'PRIMARY KEY (id, created_at)',
    extropy_ledger_from_user_id_fkey: 'FOREIGN KEY (from_user_id) REFERENCES users(id)',
    extropy_ledger_to_user_id_fkey: 'FOREIGN KEY (to_user_id) REFERENCES users(id)',
    extropy_ledger_amount_check: 'CHECK ((amount > (0)::numeric))',
    extropy_ledger_type_check: checkIn('transaction_type', transactionTypes),
    extropy_ledger_from_balance_check: 'CHECK ((from_balance_after >= (0)::numeric))',
    extropy_ledger_to_balance_check: 'CHECK ((to_balance_after >= (0)::numeric))',
    extropy_ledger_to_sequence_check: 'CHECK ((to_sequence > 0))',
    extropy_ledger_hash_check: 'CHECK ((octet_length(hash) = 32))',
    extropy_ledger_minted_check:
      "CHECK ((((transaction_type = 'earn'::text) = (from_user_id IS NULL)) AND ((from_user_id IS NULL) = (from_balance_after IS NULL)) AND ((from_user_id IS NULL) = (from_sequence IS NULL))))",
    extropy_ledger_own_account_check: 'CHECK ((from_user_id <> to_user_id))',
    extropy_ledger_attribution_check:
      "CHECK (((transaction_type = 'attribution'::text) = (attribution_id IS NOT NULL)))",
    extropy_ledger_chain_check:
      'CHECK ((((from_previous_hash IS NULL) = (COALESCE(from_sequence, (1)::bigint) = 1)) AND ((to_previous_hash IS NULL) = (to_sequence = 1))))',
  },
  indexes: {
    idx_extropy_ledger_user_type_created: {
      using: 'btree (to_user_id, transaction_type, created_at DESC, id DESC)',
      serves: 'tokens.listLedger: what came in',
    },
    idx_extropy_ledger_from_type_created: {
      using: 'btree (from_user_id, transaction_type, created_at DESC, id DESC)',
      where: '(from_user_id IS NOT NULL)',
      serves: 'tokens.listLedger: what went out',
    },
  },
  triggers: {
    extropy_ledger_claim_key:
      'CREATE TRIGGER extropy_ledger_claim_key AFTER INSERT ON extropy_ledger FOR EACH ROW WHEN ((new.idempotency_key IS NOT NULL)) EXECUTE FUNCTION extropy_ledger_claim_key()',
    extropy_ledger_append_only:
      'CREATE TRIGGER extropy_ledger_append_only BEFORE DELETE OR UPDATE ON extropy_ledger FOR EACH ROW EXECUTE FUNCTION extropy_ledger_refuse_change()',
    extropy_ledger_keep:
      'CREATE TRIGGER extropy_ledger_keep BEFORE TRUNCATE ON extropy_ledger FOR EACH STATEMENT EXECUTE FUNCTION extropy_ledger_refuse_change()',
  },
})

/** One row per keyed movement, filled by trigger: makes a key unique over all the ledger's months. */
export const extropyLedgerKeys = defineTable({
  name: 'extropy_ledger_keys',
  columns: {
    idempotencyKey: text(),
    ledgerId: uuid(),
    /** Finds, with the id, the row in its month. */
    ledgerCreatedAt: timestamptz(),
  },
  constraints: { extropy_ledger_keys_pkey: 'PRIMARY KEY (idempotency_key)' },
  indexes: {},
})

export type ExtropyLedgerTable = TableOf<typeof extropyLedger>
export type ExtropyLedgerKeysTable = TableOf<typeof extropyLedgerKeys>
