import { type Kysely, sql } from 'kysely'

/**
 * Several requests that move money in one transaction, each as `extropy_move_once` would have it and undone by itself: the
 * answers, or the error of the one that was refused, in the order of the requests. Locks are taken in one order by
 * everyone: all keys first, then all accounts by their ids. Where another transaction holds one of them for longer than
 * `patience_ms`, all is undone with 55P03; null waits for as long as it takes.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function extropy_move_together(
      callers uuid[], keys text[], hashes bytea[], payers uuid[], payees uuid[], amounts numeric[], kinds text[],
      audits jsonb[], patience_ms int
    ) returns table (answer jsonb, refusal text) language plpgsql as $$
    begin
      if patience_ms is not null then perform set_config('lock_timeout', patience_ms::text, true); end if;
      perform pg_advisory_xact_lock(request_lock)
      from (
        select distinct hashtextextended(key, hashtextextended(caller::text, 0)) as request_lock
        from unnest(callers, keys) as request (caller, key) where key is not null order by 1
      ) as locks;
      perform from users where id = any(payers || payees) order by id for no key update;
      for at in 1 .. cardinality(callers) loop
        begin
          answer := extropy_move_once(callers[at], keys[at], hashes[at], payers[at], payees[at], amounts[at], kinds[at],
            audits[at]);
          refusal := null;
        exception when sqlstate 'EX001' or sqlstate 'EX002' or sqlstate 'EX003' or numeric_value_out_of_range then
          answer := null;
          refusal := sqlstate;
        end;
        return next;
      end loop;
    end $$`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`
    drop function extropy_move_together(uuid[], text[], bytea[], uuid[], uuid[], numeric[], text[], jsonb[],
      int)`.execute(db)
}
