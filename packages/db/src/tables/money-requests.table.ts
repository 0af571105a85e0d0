import {
  bytea,
  defineTable,
  jsonb,
  type TableOf,
  text,
  textArray,
  timestamptz,
  uuid,
  withDefault,
} from '../define-table.ts'

/** Requests that moved money under an Idempotency-Key: the same one again gets the answer that is kept here. */
export const moneyRequests = defineTable({
  name: 'money_requests',
  columns: {
    /** The key's user: two users may use the same key. */
    userId: uuid(),
    idempotencyKey: text(),
    /** The sha-256 of procedure and input. */
    requestHash: bytea(),
    answer: jsonb<unknown>(),
    /** Tags of the rows that the request changed. */
    touched: withDefault(textArray()),
    createdAt: withDefault(timestamptz()),
  },
  constraints: {
    money_requests_pkey: 'PRIMARY KEY (user_id, idempotency_key)',
    money_requests_user_id_fkey: 'FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE',
    money_requests_hash_check: 'CHECK ((octet_length(request_hash) = 32))',
  },
  indexes: {},
})

export type MoneyRequestsTable = TableOf<typeof moneyRequests>
