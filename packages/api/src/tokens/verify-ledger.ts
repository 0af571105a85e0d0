import { type Database, type HashedMovement, ledgerHash } from '@extropy/db'
import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely'

export interface LedgerReport {
  readonly movements: number
  readonly accounts: number
  /** Decimal strings with 8 places; nothing burns tokens so far. */
  readonly minted: string
  readonly balances: string
  /** A sentence each, at most 100 of a kind; empty: the ledger is sound. */
  readonly problems: readonly string[]
}

const shownAtMost = 100
const batchSize = 5000

/**
 * Replays the whole ledger, detached months included, in one snapshot, while others go on writing: every row's hash,
 * every account's chain without a gap, every balance as the sum of its rows, all balances together what was minted.
 */
export function verifyLedger(
  db: Kysely<Database>,
  onProgress: (rows: number) => void = () => {},
): Promise<LedgerReport> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (trx) => {
      await sql`select set_config('statement_timeout', '0', true)`.execute(trx)
      return verifySnapshot(trx, onProgress)
    })
}

/** Verifies the ledger as the given transaction sees it. */
export async function verifySnapshot(
  trx: Transaction<Database>,
  onProgress: (rows: number) => void = () => {},
): Promise<LedgerReport> {
  const ledger = await wholeLedger(trx)
  const totals = await readTotals(trx, ledger)
  const { minted, balances } = totals
  const problems = [
    ...(minted === balances ? [] : [`the balances sum to ${balances}, but ${minted} were minted`]),
    ...(await findBrokenChains(trx, ledger)),
    ...(await findWrongAccounts(trx, ledger)),
    ...(await findWrongHashes(trx, ledger, onProgress)),
  ]
  return { ...totals, problems }
}

/** The ledger with the months that were detached: a chain begins in the oldest of them. */
async function wholeLedger(trx: Transaction<Database>): Promise<RawBuilder<unknown>> {
  const { rows } = await sql<{ name: string }>`
    select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'extropy_archive' and c.relname like 'extropy\\_ledger\\_%' and c.relkind = 'r'
    order by 1`.execute(trx)
  const columns = sql`id, from_user_id, to_user_id, amount, transaction_type, card_id, attribution_id,
    from_balance_after, to_balance_after, idempotency_key, from_sequence, to_sequence, from_previous_hash,
    to_previous_hash, hash, created_at`
  const months = rows.map(({ name }) => sql`select ${columns} from ${sql.table(`extropy_archive.${name}`)}`)
  return sql`(${sql.join([sql`select ${columns} from extropy_ledger`, ...months], sql` union all `)})`
}

async function readTotals(trx: Transaction<Database>, ledger: RawBuilder<unknown>) {
  const { rows } = await sql<Omit<LedgerReport, 'problems'>>`
    select (select count(*)::float8 from ${ledger} as movement) as movements,
           (select count(*)::float8 from users) as accounts,
           (select coalesce(sum(amount), 0)::numeric(28,8) from ${ledger} as movement where from_user_id is null) as minted,
           (select coalesce(sum(extropy_balance), 0)::numeric(28,8) from users) as balances`.execute(trx)
  return rows[0] as Omit<LedgerReport, 'problems'>
}

/** One line per account that a row touches, in the order of the account's own numbers. */
const entries = (ledger: RawBuilder<unknown>) => sql`
  select id, from_user_id as account, from_sequence as sequence, from_previous_hash as previous, hash,
         -amount as change, from_balance_after as balance, transaction_type
  from ${ledger} as movement where from_user_id is not null
  union all
  select id, to_user_id, to_sequence, to_previous_hash, hash, amount, to_balance_after, transaction_type
  from ${ledger} as movement`

async function findBrokenChains(trx: Transaction<Database>, ledger: RawBuilder<unknown>): Promise<string[]> {
  const { rows } = await sql<{ id: string; account: string; sequence: string; problem: string }>`
    select id, account, sequence, problem from (
      select id, account, sequence, case
        when sequence <> row_number() over chain then 'a row before it is missing'
        when previous is distinct from lag(hash) over chain then 'it does not name the hash of the row before it'
        when balance <> coalesce(lag(balance) over chain, 0) + change then 'its balance is not the one before it and its amount'
        when balance < 0 then 'its balance is negative'
      end as problem
      from (${entries(ledger)}) as entry
      window chain as (partition by account order by sequence)
    ) as checked where problem is not null order by account, sequence limit ${shownAtMost}`.execute(trx)
  return rows.map(({ id, account, sequence, problem }) => `account ${account}, row ${sequence} (${id}): ${problem}`)
}

async function findWrongAccounts(trx: Transaction<Database>, ledger: RawBuilder<unknown>): Promise<string[]> {
  const { rows } = await sql<{ id: string; balance: string; replayed: string }>`
    select users.id, users.extropy_balance as balance, coalesce(replay.balance, 0)::numeric(20,8) as replayed
    from users left join (
      select account, sum(change) as balance, max(sequence) as sequence,
             (array_agg(hash order by sequence desc))[1] as hash,
             coalesce(sum(change) filter (where transaction_type = 'earn'), 0) as earned,
             coalesce(sum(change) filter (where transaction_type = 'transfer' and change > 0), 0) as received,
             coalesce(-sum(change) filter (where transaction_type = 'transfer' and change < 0), 0) as sent,
             coalesce(sum(change) filter (where transaction_type = 'attribution' and change > 0), 0) as attributed,
             coalesce(-sum(change) filter (where transaction_type = 'attribution' and change < 0), 0) as paid
      from (${entries(ledger)}) as entry group by account
    ) as replay on replay.account = users.id
    where (users.extropy_balance, users.ledger_sequence, users.tokens_earned, users.tokens_received, users.tokens_sent,
           users.tokens_attributed, users.tokens_paid)
       is distinct from (coalesce(replay.balance, 0), coalesce(replay.sequence, 0), coalesce(replay.earned, 0),
           coalesce(replay.received, 0), coalesce(replay.sent, 0), coalesce(replay.attributed, 0), coalesce(replay.paid, 0))
       or users.ledger_hash is distinct from replay.hash
    order by users.id limit ${shownAtMost}`.execute(trx)
  return rows.map(
    ({ id, balance, replayed }) =>
      `account ${id}: it is not what its rows make it (balance ${balance}, replayed ${replayed})`,
  )
}

async function findWrongHashes(
  trx: Transaction<Database>,
  ledger: RawBuilder<unknown>,
  onProgress: (rows: number) => void,
): Promise<string[]> {
  const problems: string[] = []
  let after = '00000000-0000-0000-0000-000000000000'
  for (let read = 0; ; ) {
    const { rows } = await sql<HashedMovement & { hash: Buffer }>`
      select id, from_user_id, to_user_id, amount, transaction_type, card_id, attribution_id, from_balance_after,
             to_balance_after, idempotency_key, from_sequence, to_sequence, from_previous_hash, to_previous_hash, hash,
             extropy_iso(created_at) as created_at
      from ${ledger} as movement where id > ${after}::uuid order by id limit ${batchSize}`.execute(trx)
    for (const row of rows) {
      if (problems.length < shownAtMost && !ledgerHash(row).equals(row.hash)) {
        problems.push(`row ${row.id}: its hash is not that of its contents`)
      }
    }
    read += rows.length
    onProgress(read)
    const last = rows.at(-1)
    if (last === undefined) return problems
    after = last.id
  }
}
