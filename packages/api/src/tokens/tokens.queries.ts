import { type Database, hotRead, rawRead, type TransactionType, transactionTypes } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import type { z } from 'zod'
import { AppError } from '../errors.ts'
import { defineKeyset, type Place, readPage } from '../keyset.ts'
import type { ListLedger } from './tokens.schema.ts'

const byTime = defineKeyset('tokens.ledger', 'createdAt', 'id')

const selectBalance = hotRead('tokens.getBalance', (db, input: { userId: string }) =>
  db.selectFrom('users').select(['id as userId', 'extropyBalance as balance']).where('id', '=', input.userId),
)

/**
 * A decimal string with 8 places.
 *
 * @throws AppError not_found
 */
export async function getBalance(db: Kysely<Database>, userId: string) {
  const [account] = await selectBalance(db, { userId })
  return account ?? noSuchUser(userId)
}

export interface LedgerEntry {
  readonly id: string
  readonly type: TransactionType
  readonly amount: string
  readonly fromUserId: string | null
  readonly toUserId: string
  readonly cardId: string | null
  readonly attributionId: string | null
  /** The balance of the requested account. */
  readonly balanceAfter: string
  readonly createdAt: string
}

/** One short, ordered walk per direction and type, each along its index, merged: any other form sorts the whole account. */
function selectLedger(types: readonly TransactionType[]) {
  return hotRead(
    `tokens.listLedger ${types.join(' ')}`,
    (db, { userId, rows, afterSort, afterTie }: { readonly userId: string } & Place) => {
      const before =
        afterSort === undefined ? sql`` : sql`and (created_at, id) < (${afterSort}::timestamptz, ${afterTie}::uuid)`
      const walk = (side: 'from' | 'to', type: TransactionType) => sql`(
      select id, transaction_type as type, amount, from_user_id, to_user_id, card_id, attribution_id,
             ${sql.ref(`${side}_balance_after`)} as balance_after, created_at
      from extropy_ledger
      where ${sql.ref(`${side}_user_id`)} = ${userId} and transaction_type = ${sql.lit(type)} ${before}
      order by created_at desc, id desc limit ${sql.lit(rows)})`
      const walks = types.flatMap((type) =>
        type === 'earn' ? [walk('to', type)] : [walk('to', type), walk('from', type)],
      )
      const query = rawRead(
        ['extropyLedger'],
        sql<LedgerEntry>`
      select * from (${sql.join(walks, sql` union all `)}) as entry
      order by created_at desc, id desc limit ${sql.lit(rows)}`,
      )
      return { compile: () => query.compile(db) }
    },
    { literals: ['rows'] },
  )
}

const selectWholeLedger = selectLedger(transactionTypes)
const selectLedgerOf = {
  earn: selectLedger(['earn']),
  transfer: selectLedger(['transfer']),
  attribution: selectLedger(['attribution']),
} as const satisfies Record<TransactionType, unknown>

/** The movements into and out of an account, newest first. */
export async function listLedger(
  db: Kysely<Database>,
  { userId, type, ...page }: z.output<typeof ListLedger>,
): Promise<{ items: LedgerEntry[]; nextCursor: string | null }> {
  const select = type === undefined ? selectWholeLedger : selectLedgerOf[type]
  return readPage(byTime, page, (place) => select(db, { userId, ...place }))
}

const selectTokenStats = hotRead('tokens.getTokenStats', (db, input: { userId: string }) =>
  db
    .selectFrom('users')
    .select([
      'id as userId',
      'extropyBalance as balance',
      'tokensEarned as earned',
      'tokensReceived as received',
      'tokensSent as sent',
      'tokensAttributed as attributed',
      'tokensPaid as paid',
      sql<number>`ledger_sequence::float8`.as('movements'),
    ])
    .where('id', '=', input.userId),
)

/**
 * An account in sums: `earned` is minted, `received` and `sent` are transfers, `attributed` and `paid` attributions. One
 * row, however long the account's ledger is: the sums are kept with the balance.
 *
 * @throws AppError not_found
 */
export async function getTokenStats(db: Kysely<Database>, userId: string) {
  const [stats] = await selectTokenStats(db, { userId })
  return stats ?? noSuchUser(userId)
}

function noSuchUser(userId: string): never {
  throw new AppError('not_found', `There is no user with the id ${userId}.`, {
    issues: [{ field: 'userId', message: 'no such user' }],
  })
}
