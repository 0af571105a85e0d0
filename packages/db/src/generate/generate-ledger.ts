import { type Kysely, sql } from 'kysely'
import type { Database } from '../database.ts'
import { type HashedMovement, ledgerHash } from '../ledger-hash.ts'

interface Movement {
  readonly id: string
  readonly fromUserId: string | null
  readonly toUserId: string
  /** The amount in units of 0.00000001. */
  readonly units: string
  readonly transactionType: 'earn' | 'transfer' | 'attribution'
  readonly cardId: string | null
  readonly attributionId: string | null
  readonly createdAt: string
}

interface Account {
  balance: bigint
  readonly totals: { earned: bigint; received: bigint; sent: bigint; attributed: bigint; paid: bigint }
  sequence: number
  hash: Buffer | null
}

interface LedgerOptions {
  readonly until: string
  readonly months: number
  readonly transfers: number
  readonly users: number
  readonly batchSize: number
  readonly onProgress: (rows: number, total: number) => void
}

/**
 * A ledger that any verification passes: every account starts with 1,000 minted tokens, then earns one per published
 * card, pays and is paid for the attributions that are there, and transfers small sums; balances, sequences and hashes
 * run on from row to row, and the accounts end as their last rows say. Returns how many rows that were.
 */
export async function generateLedger(db: Kysely<Database>, options: LedgerOptions): Promise<number> {
  await collectMovements(db, options)
  const { rows: counted } = await sql<{ count: number }>`select count(*)::int as count from pg_temp.movement`.execute(
    db,
  )
  const total = counted[0]?.count ?? 0
  const accounts = new Map<string, Account>()
  for (let first = 1; first <= total; first += options.batchSize) {
    const { rows } = await sql<Movement>`
      select id, from_user_id, to_user_id, units::text, transaction_type, card_id, attribution_id, created_at
      from pg_temp.movement where place between ${first} and ${first + options.batchSize - 1} order by place`.execute(
      db,
    )
    await insertMovements(db, rows, accounts)
    options.onProgress(Math.min(first + options.batchSize - 1, total), total)
  }
  await closeAccounts(db, accounts)
  await sql`drop table pg_temp.movement`.execute(db)
  return total
}

/** All movements in the order of their times, numbered. Opening balances come before everything else. */
async function collectMovements(db: Kysely<Database>, { until, months, transfers, users }: LedgerOptions) {
  const opening = sql`date_trunc('second', ${until}::timestamptz - (${sql.lit(months)} * interval '30 days'))`
  await sql`
    create temporary table movement as
    select row_number() over (order by created_at, id) as place, *
    from (
      select pg_temp.id(201, row_number() over (order by id)) as id, null::uuid as from_user_id, id as to_user_id,
             100000000000::bigint as units, 'earn' as transaction_type, null::uuid as card_id,
             null::uuid as attribution_id, ${opening} as created_at
      from users
      union all
      select pg_temp.id(202, row_number() over (order by id)), null, user_id, 100000000, 'earn', id, null,
             greatest(published_at, ${opening} + interval '1 second')
      from cards where is_published
      union all
      select pg_temp.id(203, row_number() over (order by id)), target_user_id, source_user_id,
             (tokens_transferred * 100000000)::bigint, 'attribution', source_card_id, id,
             greatest(created_at, ${opening} + interval '1 second')
      from attributions
      union all
      select pg_temp.id(204, i), pg_temp.id(1, payer), pg_temp.id(1, payee), 1 + floor(1e7 * pg_temp.u(303, i))::bigint,
             'transfer', null, null, greatest(pg_temp.ago(304, i, ${until}::timestamptz, ${sql.lit(months)}), ${opening} + interval '1 second')
      from (
        select i, floor(${sql.lit(users)} * pg_temp.u(301, i))::bigint as payer,
               floor(${sql.lit(users)} * pg_temp.u(302, i) ^ 2)::bigint as payee
        from generate_series(1, ${sql.lit(transfers)}) as i
      ) as transfer
      where payer <> payee
    ) as movement`.execute(db)
  await sql`create index on pg_temp.movement (place)`.execute(db)
}

async function insertMovements(db: Kysely<Database>, movements: readonly Movement[], accounts: Map<string, Account>) {
  const lines = movements.map((movement) => ledgerLine(movement, accounts)).join('\n')
  await sql`
    insert into extropy_ledger (id, from_user_id, to_user_id, amount, transaction_type, card_id, attribution_id,
      from_balance_after, to_balance_after, from_sequence, to_sequence, from_previous_hash, to_previous_hash, hash,
      created_at)
    select f[1]::uuid, f[2]::uuid, f[3]::uuid, f[4]::numeric, f[5], f[6]::uuid, f[7]::uuid, f[8]::numeric,
           f[9]::numeric, f[10]::bigint, f[11]::bigint, f[12]::bytea, f[13]::bytea, f[14]::bytea, f[15]::timestamptz
    from (select string_to_array(line, e'\\t', '') as f from string_to_table(${lines}, e'\\n') as line) as field`.execute(
    db,
  )
}

function ledgerLine(movement: Movement, accounts: Map<string, Account>): string {
  const units = BigInt(movement.units)
  const from = movement.fromUserId === null ? undefined : accountOf(accounts, movement.fromUserId)
  const to = accountOf(accounts, movement.toUserId)
  book(movement.transactionType, units, from, to)
  const row: HashedMovement = {
    ...movement,
    amount: toTokens(units),
    idempotencyKey: null,
    fromBalanceAfter: from ? toTokens(from.balance) : null,
    toBalanceAfter: toTokens(to.balance),
    fromSequence: from ? String(++from.sequence) : null,
    toSequence: String(++to.sequence),
    fromPreviousHash: from?.hash ?? null,
    toPreviousHash: to.hash,
  }
  const rowHash = ledgerHash(row)
  const fields = [
    row.id,
    row.fromUserId,
    row.toUserId,
    row.amount,
    row.transactionType,
    row.cardId,
    row.attributionId,
    row.fromBalanceAfter,
    row.toBalanceAfter,
    row.fromSequence,
    row.toSequence,
    byteaText(row.fromPreviousHash),
    byteaText(row.toPreviousHash),
    byteaText(rowHash),
    row.createdAt,
  ]
  if (from) from.hash = rowHash
  to.hash = rowHash
  return fields.map((field) => field ?? '').join('\t')
}

function book(type: Movement['transactionType'], units: bigint, from: Account | undefined, to: Account): void {
  if (from) {
    from.balance -= units
    from.totals[type === 'transfer' ? 'sent' : 'paid'] += units
  }
  to.balance += units
  to.totals[type === 'earn' ? 'earned' : type === 'transfer' ? 'received' : 'attributed'] += units
}

async function closeAccounts(db: Kysely<Database>, accounts: Map<string, Account>): Promise<void> {
  const lines = [...accounts].map(([id, { balance, totals, sequence, hash }]) => {
    const { earned, received, sent, attributed, paid } = totals
    const amounts = [balance, earned, received, sent, attributed, paid].map(toTokens)
    return [id, sequence, byteaText(hash), ...amounts].join('\t')
  })
  await sql`
    update users
    set ledger_sequence = f[2]::bigint, ledger_hash = f[3]::bytea, extropy_balance = f[4]::numeric,
        tokens_earned = f[5]::numeric, tokens_received = f[6]::numeric, tokens_sent = f[7]::numeric,
        tokens_attributed = f[8]::numeric, tokens_paid = f[9]::numeric
    from (select string_to_array(line, e'\\t') as f from string_to_table(${lines.join('\n')}, e'\\n') as line) as field
    where users.id = f[1]::uuid`.execute(db)
}

function accountOf(accounts: Map<string, Account>, id: string): Account {
  const known = accounts.get(id)
  if (known) return known
  const totals = { earned: 0n, received: 0n, sent: 0n, attributed: 0n, paid: 0n }
  const account: Account = { balance: 0n, totals, sequence: 0, hash: null }
  accounts.set(id, account)
  return account
}

/** `123456789n` to `1.23456789`. */
function toTokens(units: bigint): string {
  const digits = String(units).padStart(9, '0')
  return `${digits.slice(0, -8)}.${digits.slice(-8)}`
}

const byteaText = (bytes: Uint8Array | null): string =>
  bytes === null ? '' : `\\x${Buffer.from(bytes).toString('hex')}`
