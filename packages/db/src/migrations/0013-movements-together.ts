import { type Kysely, sql } from 'kysely'

const move = sql.raw('uuid, uuid, numeric, text, uuid, uuid, text')
const moveOnce = sql.raw('uuid, text, bytea, uuid, uuid, numeric, text, jsonb')

/**
 * Several requests that move money in one transaction, each as `extropy_move_once` would have it: the answers, or the state
 * of the error for one that is refused, in the order of the requests. Why it would be refused is asked beforehand, for to
 * undo a request by itself would take a savepoint, whose locks and versions all the later ones then pay for. Locks are
 * taken in one order by everyone: all keys first, then all accounts by their ids. Where another transaction holds one of
 * them for longer than `patience_ms`, all is undone with 55P03; null waits for as long as it takes.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function extropy_move_together(
      callers uuid[], keys text[], hashes bytea[], payers uuid[], payees uuid[], amounts numeric[], kinds text[],
      audits jsonb[], patience_ms int
    ) returns table (answer jsonb, refusal text) language plpgsql set enable_seqscan = off as $$
    declare
      payer_balance numeric;
      payee_balance numeric;
      earlier record;
    begin
      if patience_ms is not null then perform set_config('lock_timeout', patience_ms::text, true); end if;
      perform pg_advisory_xact_lock(request_lock)
      from (
        select distinct hashtextextended(key, hashtextextended(caller::text, 0)) as request_lock
        from unnest(callers, keys) as request (caller, key) where key is not null order by 1
      ) as locks;
      perform from users where id = any(payers || payees) order by id for no key update;
      for at in 1 .. cardinality(callers) loop
        answer := null;
        refusal := null;
        if keys[at] is not null then
          select r.request_hash, r.answer into earlier from money_requests r
          where r.user_id = callers[at] and r.idempotency_key = keys[at];
          if found then
            if earlier.request_hash <> hashes[at] then refusal := 'EX003'; else answer := earlier.answer; end if;
            return next;
            continue;
          end if;
        end if;
        select extropy_balance into payer_balance from users where id = payers[at];
        select extropy_balance into payee_balance from users where id = payees[at];
        if payee_balance is null or (payers[at] is not null and payer_balance is null) then refusal := 'EX002';
        elsif payer_balance < amounts[at] then refusal := 'EX001';
        elsif payee_balance + amounts[at] >= 1e12 then refusal := '22003';
        else
          answer := extropy_move_once(callers[at], keys[at], hashes[at], payers[at], payees[at], amounts[at], kinds[at],
            audits[at]);
        end if;
        return next;
      end loop;
    end $$`.execute(db)
  // A session plans a function's statements once. One that did so while the tables had a page each would read them whole ever after.
  await sql`alter function extropy_move_once(${moveOnce}) set enable_seqscan = off`.execute(db)
  await sql`alter function extropy_move(${move}) set enable_seqscan = off`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter function extropy_move_once(${moveOnce}) reset enable_seqscan`.execute(db)
  await sql`alter function extropy_move(${move}) reset enable_seqscan`.execute(db)
  await sql`
    drop function extropy_move_together(uuid[], text[], bytea[], uuid[], uuid[], numeric[], text[], jsonb[],
      int)`.execute(db)
}
