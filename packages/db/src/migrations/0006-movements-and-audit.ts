import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await createAuditLog(db)
  await createMoneyRequests(db)
  await createLedgerHash(db)
  await createMove(db)
  await createMoveOnce(db)
  await announceKeyChanges(db)
  // The triggers refuse everyone; this also refuses the tables' own owner, unless it is a superuser.
  await sql`revoke update, delete, truncate on extropy_ledger, audit_log from public, current_user`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`grant update, delete, truncate on extropy_ledger to current_user`.execute(db)
  await sql`drop trigger api_keys_announce_change on api_keys`.execute(db)
  await sql`drop function api_keys_announce_change()`.execute(db)
  await sql`
    drop function extropy_move_once(uuid, text, bytea, uuid, uuid, numeric, text, jsonb),
      extropy_move(uuid, uuid, numeric, text, uuid, uuid, text), extropy_ledger_hash(extropy_ledger),
      extropy_iso(timestamptz)`.execute(db)
  await sql`drop table money_requests, audit_log`.execute(db)
  await sql`drop function audit_log_refuse_change()`.execute(db)
}

async function createAuditLog(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table audit_log (
      id uuid primary key default gen_random_uuid(),
      actor_user_id uuid,
      actor_key_id uuid,
      action text not null,
      target text,
      details jsonb not null default '{}',
      address text,
      request_id text,
      created_at timestamptz not null default clock_timestamp()
    )`.execute(db)
  await sql`
    create function audit_log_refuse_change() returns trigger language plpgsql as $$
    begin
      raise exception 'audit_log is append-only: % is refused', tg_op using errcode = 'restrict_violation';
    end $$`.execute(db)
  await sql`
    create trigger audit_log_append_only before update or delete on audit_log
    for each row execute function audit_log_refuse_change()`.execute(db)
  await sql`
    create trigger audit_log_keep before truncate on audit_log
    for each statement execute function audit_log_refuse_change()`.execute(db)
}

/** Requests that moved money and named an Idempotency-Key, with their answers. */
async function createMoneyRequests(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table money_requests (
      user_id uuid not null references users (id) on delete cascade,
      idempotency_key text not null,
      request_hash bytea not null constraint money_requests_hash_check check (octet_length(request_hash) = 32),
      answer jsonb not null,
      created_at timestamptz not null default now(),
      primary key (user_id, idempotency_key)
    )`.execute(db)
}

/** What `ledgerHash` in ledger-hash.ts computes, byte for byte; a test compares the two. */
async function createLedgerHash(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function extropy_iso(moment timestamptz) returns text language sql stable as $$
      select replace((moment at time zone 'UTC')::text, ' ', 'T') || 'Z'
    $$`.execute(db)
  await sql`
    create function extropy_ledger_hash(movement extropy_ledger) returns bytea language plpgsql stable as $$
    begin
      return sha256(convert_to('[' || concat_ws(',',
        to_json(movement.id::text),
        coalesce(to_json(movement.from_user_id::text)::text, 'null'),
        to_json(movement.to_user_id::text),
        to_json(movement.amount::text),
        to_json(movement.transaction_type),
        coalesce(to_json(movement.card_id::text)::text, 'null'),
        coalesce(to_json(movement.attribution_id::text)::text, 'null'),
        coalesce(to_json(movement.from_balance_after::text)::text, 'null'),
        to_json(movement.to_balance_after::text),
        coalesce(to_json(movement.idempotency_key)::text, 'null'),
        coalesce(to_json(movement.from_sequence::text)::text, 'null'),
        to_json(movement.to_sequence::text),
        coalesce(to_json(encode(movement.from_previous_hash, 'hex'))::text, 'null'),
        coalesce(to_json(encode(movement.to_previous_hash, 'hex'))::text, 'null'),
        to_json(extropy_iso(movement.created_at))
      ) || ']', 'UTF8'));
    end $$`.execute(db)
}

/**
 * The only way tokens move: both accounts locked in the order of their ids, checked, changed, and the row chained to
 * the one before it in each. In the database, so that an account stays locked for one statement and not for a
 * conversation. A null payer mints. Errors: EX001 too little balance, EX002 no such account (`from` or `to`).
 */
async function createMove(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function extropy_move(
      payer uuid, payee uuid, tokens numeric, kind text, card uuid, attribution uuid, key text
    ) returns extropy_ledger language plpgsql as $$
    declare
      account record;
      movement extropy_ledger;
    begin
      for account in
        select id, extropy_balance, ledger_sequence, ledger_hash from users
        where id = payer or id = payee order by id for no key update
      loop
        if account.id = payer then
          movement.from_user_id := account.id;
          movement.from_balance_after := account.extropy_balance - tokens;
          movement.from_sequence := account.ledger_sequence + 1;
          movement.from_previous_hash := account.ledger_hash;
        else
          movement.to_user_id := account.id;
          movement.to_balance_after := account.extropy_balance + tokens;
          movement.to_sequence := account.ledger_sequence + 1;
          movement.to_previous_hash := account.ledger_hash;
        end if;
      end loop;
      if movement.from_user_id is distinct from payer then raise exception 'from' using errcode = 'EX002'; end if;
      if movement.to_user_id is null then raise exception 'to' using errcode = 'EX002'; end if;
      if movement.from_balance_after < 0 then raise exception 'balance' using errcode = 'EX001'; end if;

      movement.id := gen_random_uuid();
      movement.amount := tokens;
      movement.transaction_type := kind;
      movement.card_id := card;
      movement.attribution_id := attribution;
      movement.idempotency_key := key;
      -- Taken under the locks: along an account's chain time never runs against the sequence.
      movement.created_at := clock_timestamp();
      movement.hash := extropy_ledger_hash(movement);
      if payer is not null then
        update users set extropy_balance = movement.from_balance_after, ledger_sequence = movement.from_sequence,
          ledger_hash = movement.hash,
          tokens_sent = tokens_sent + case kind when 'transfer' then tokens else 0 end,
          tokens_paid = tokens_paid + case kind when 'attribution' then tokens else 0 end
        where id = payer;
      end if;
      update users set extropy_balance = movement.to_balance_after, ledger_sequence = movement.to_sequence,
        ledger_hash = movement.hash,
        tokens_earned = tokens_earned + case kind when 'earn' then tokens else 0 end,
        tokens_received = tokens_received + case kind when 'transfer' then tokens else 0 end,
        tokens_attributed = tokens_attributed + case kind when 'attribution' then tokens else 0 end
      where id = payee;
      insert into extropy_ledger values (movement.*);
      return movement;
    end $$`.execute(db)
}

/**
 * A transfer, or with a null payer an award, for a caller: once per key, with its line in the audit log, all in the one
 * statement that it takes from here. The answer shows no balance but the payer's. EX003: the key was used for another
 * request.
 */
async function createMoveOnce(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function extropy_move_once(
      caller uuid, key text, hash bytea, payer uuid, payee uuid, tokens numeric, kind text, audit jsonb
    ) returns jsonb language plpgsql as $$
    declare
      earlier record;
      movement extropy_ledger;
      result jsonb;
    begin
      if key is not null then
        perform pg_advisory_xact_lock(hashtextextended(key, hashtextextended(caller::text, 0)));
        select r.request_hash, r.answer into earlier from money_requests r
        where r.user_id = caller and r.idempotency_key = key;
        if found then
          if earlier.request_hash <> hash then raise exception 'key' using errcode = 'EX003'; end if;
          return earlier.answer;
        end if;
      end if;
      movement := extropy_move(payer, payee, tokens, kind, null, null, caller || ':' || key);
      result := jsonb_build_object('id', movement.id, 'fromUserId', movement.from_user_id,
        'toUserId', movement.to_user_id, 'amount', movement.amount::text, 'type', movement.transaction_type,
        'balanceAfter', movement.from_balance_after::text, 'createdAt', extropy_iso(movement.created_at));
      if key is not null then
        insert into money_requests (user_id, idempotency_key, request_hash, answer) values (caller, key, hash, result);
      end if;
      insert into audit_log (actor_user_id, actor_key_id, action, target, details, address, request_id)
      values (caller, (audit ->> 'keyId')::uuid, audit ->> 'action', payee::text,
        jsonb_build_object('amount', movement.amount::text, 'ledgerId', movement.id)
          || coalesce(audit -> 'details', '{}'),
        audit ->> 'address', audit ->> 'requestId');
      return result;
    end $$`.execute(db)
}

/** Tells every listening server that a key is not what it was: whoever changed it, and by whatever means. */
async function announceKeyChanges(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function api_keys_announce_change() returns trigger language plpgsql as $$
    begin
      perform pg_notify('extropy_api_keys', old.id::text);
      return null;
    end $$`.execute(db)
  await sql`
    create trigger api_keys_announce_change
    after delete or update of key_hash, user_id, scopes, is_active, is_revoked, expires_at, rate_limit_per_hour
    on api_keys for each row execute function api_keys_announce_change()`.execute(db)
}
