import {
  bigint,
  bytea,
  defineTable,
  nullable,
  type TableOf,
  text,
  timestamptz,
  tokens,
  tokenTotal,
  uuid,
  withDefault,
} from '../define-table.ts'

/** The columns that a movement of tokens changes. */
export const accountColumns = [
  'extropyBalance',
  'tokensEarned',
  'tokensReceived',
  'tokensSent',
  'tokensAttributed',
  'tokensPaid',
  'ledgerSequence',
  'ledgerHash',
] as const

/** An account. Username and e-mail address are unique without regard to case. */
export const users = defineTable({
  name: 'users',
  columns: {
    id: withDefault(uuid()),
    username: text(),
    email: text(),
    displayName: text(),
    bio: nullable(text()),
    extropyBalance: withDefault(tokens()),
    /**
     * The account's ledger in sums, so that its statistics cost one row however long it is: minted; transfers in and
     * out; attributions in and out. Written in the same statement as the balance, which must be their sum.
     */
    tokensEarned: withDefault(tokenTotal()),
    tokensReceived: withDefault(tokenTotal()),
    tokensSent: withDefault(tokenTotal()),
    tokensAttributed: withDefault(tokenTotal()),
    tokensPaid: withDefault(tokenTotal()),
    /** How many ledger rows touch this account: the next one carries this number plus one. */
    ledgerSequence: withDefault(bigint()),
    /** The hash of the last ledger row of this account, which the next one names; null before the first. */
    ledgerHash: nullable(bytea()),
    createdAt: withDefault(timestamptz()),
    updatedAt: withDefault(timestamptz()),
  },
  churning: accountColumns,
  constraints: {
    users_pkey: 'PRIMARY KEY (id)',
    users_username_check: "CHECK ((username ~ '^[A-Za-z0-9_.-]{1,64}$'::text))",
    users_email_check: "CHECK (((char_length(email) <= 320) AND (email ~~ '_%@_%'::text)))",
    users_balance_check: 'CHECK ((extropy_balance >= (0)::numeric))',
    users_totals_check:
      'CHECK ((extropy_balance = ((((tokens_earned + tokens_received) - tokens_sent) + tokens_attributed) - tokens_paid)))',
    users_ledger_sequence_check: 'CHECK ((ledger_sequence >= 0))',
    users_ledger_hash_check:
      'CHECK ((((ledger_hash IS NULL) = (ledger_sequence = 0)) AND (octet_length(ledger_hash) = 32)))',
  },
  indexes: {
    idx_users_email_lower: {
      using: 'btree (lower(email))',
      unique: true,
      serves: 'users.create: whether the address is taken',
    },
    idx_users_username_lower: { using: 'btree (lower(username))', unique: true, serves: 'users.findUserByUsername' },
    idx_users_created_desc: { using: 'btree (created_at DESC, id DESC)', serves: 'users.listUsers' },
    idx_users_username_trigram: { using: 'gin (username gin_trgm_ops)', serves: 'users.listUsers with search' },
    idx_users_display_name_trigram: { using: 'gin (display_name gin_trgm_ops)', serves: 'users.listUsers with search' },
  },
})

export type UsersTable = TableOf<typeof users>
