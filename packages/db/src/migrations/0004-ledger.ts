import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table extropy_ledger (
      id uuid not null default gen_random_uuid(),
      from_user_id uuid references users (id),
      to_user_id uuid not null references users (id),
      amount numeric(20, 8) not null constraint extropy_ledger_amount_check check (amount > 0),
      transaction_type text not null constraint extropy_ledger_type_check
        check (transaction_type in ('earn', 'transfer', 'attribution')),
      card_id uuid,
      attribution_id uuid,
      from_balance_after numeric(20, 8) constraint extropy_ledger_from_balance_check check (from_balance_after >= 0),
      to_balance_after numeric(20, 8) not null constraint extropy_ledger_to_balance_check check (to_balance_after >= 0),
      idempotency_key text,
      from_sequence bigint,
      to_sequence bigint not null constraint extropy_ledger_to_sequence_check check (to_sequence > 0),
      from_previous_hash bytea,
      to_previous_hash bytea,
      hash bytea not null constraint extropy_ledger_hash_check check (octet_length(hash) = 32),
      created_at timestamptz not null default now(),
      primary key (id, created_at),
      constraint extropy_ledger_minted_check check (
        (transaction_type = 'earn') = (from_user_id is null)
        and (from_user_id is null) = (from_balance_after is null)
        and (from_user_id is null) = (from_sequence is null)),
      constraint extropy_ledger_own_account_check check (from_user_id <> to_user_id),
      constraint extropy_ledger_attribution_check check ((transaction_type = 'attribution') = (attribution_id is not null)),
      constraint extropy_ledger_chain_check check (
        (from_previous_hash is null) = (coalesce(from_sequence, 1) = 1)
        and (to_previous_hash is null) = (to_sequence = 1))
    ) partition by range (created_at)`.execute(db)

  // A unique index on a partitioned table must hold the partition key, so it can only be unique within a month. This
  // table is unique across all of them; the trigger fills it with every keyed movement, in the same transaction.
  await sql`
    create table extropy_ledger_keys (
      idempotency_key text primary key,
      ledger_id uuid not null,
      ledger_created_at timestamptz not null
    )`.execute(db)
  await sql`
    create function extropy_ledger_claim_key() returns trigger language plpgsql as $$
    begin
      insert into extropy_ledger_keys values (new.idempotency_key, new.id, new.created_at);
      return null;
    end $$`.execute(db)
  await sql`
    create trigger extropy_ledger_claim_key after insert on extropy_ledger
    for each row when (new.idempotency_key is not null) execute function extropy_ledger_claim_key()`.execute(db)

  await sql`
    create function extropy_ledger_refuse_change() returns trigger language plpgsql as $$
    begin
      raise exception 'extropy_ledger is append-only: % is refused', tg_op using errcode = 'restrict_violation';
    end $$`.execute(db)
  await sql`
    create trigger extropy_ledger_append_only before update or delete on extropy_ledger
    for each row execute function extropy_ledger_refuse_change()`.execute(db)
  await sql`
    create trigger extropy_ledger_keep before truncate on extropy_ledger
    for each statement execute function extropy_ledger_refuse_change()`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table extropy_ledger, extropy_ledger_keys`.execute(db)
  await sql`drop function extropy_ledger_claim_key(), extropy_ledger_refuse_change()`.execute(db)
}
