import { type Kysely, sql } from 'kysely'

/**
 * Counts of requests for all servers together, where there is no Redis. After a crash of the database they begin anew, and cost no
 * write-ahead log until then.
 *
 * The function is the script of limits/redis-window.ts in packages/api, for many buckets at once: it takes back what was not spent,
 * adds what a server had counted alone, and grants. Rows are locked in the order of their names.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create unlogged table rate_limits (
      bucket text not null, step bigint not null, counts integer[] not null,
      constraint rate_limits_pkey primary key (bucket)
    ) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000)`.execute(db)
  await sql`
    create function extropy_settle_limits(
      asked jsonb, step_ms int, steps int
    ) returns table (place int, granted int, remaining int, reset_ms float8, step float8, step_left_ms float8)
    language plpgsql as $$
    declare
      one record;
      kept record;
      kept_counts int[];
      now_ms float8;
      this_step bigint;
      places constant int := steps + 1;
      gone int;
      used bigint;
      surplus bigint;
    begin
      for one in
        select n::int - 1 as place, e->>'bucket' as bucket, (e->>'limit')::bigint as most, (e->>'need')::int as need,
          (e->>'ahead')::int as ahead, (e->>'back')::int as back, (e->>'backStep')::bigint as back_step,
          array(select value::int from jsonb_array_elements_text(coalesce(e->'counts', '[]'::jsonb))) as added
        from jsonb_array_elements(asked) with ordinality as t (e, n)
        order by e->>'bucket' collate "C", n
      loop
        insert into rate_limits values (one.bucket, 0, '{}') on conflict do nothing;
        select * into kept from rate_limits r where r.bucket = one.bucket for no key update;
        now_ms := extract(epoch from clock_timestamp()) * 1000;
        this_step := floor(now_ms / step_ms);
        kept_counts := kept.counts;
        gone := least(greatest(this_step - kept.step, -places), places);
        if cardinality(kept_counts) <> places then kept_counts := array_fill(0, array[places]);
        elsif gone > 0 then kept_counts := kept_counts[gone + 1:] || array_fill(0, array[gone]);
        elsif gone < 0 then
          -- The clock was set back: what is yet to come kept_counts as the step under way.
          used := (select sum(c) from unnest(kept_counts[places + gone + 1:]) as c);
          kept_counts := array_fill(0, array[-gone]) || kept_counts[:places + gone];
          kept_counts[places] := kept_counts[places] + used;
        end if;
        for at in 1 .. cardinality(one.added) loop
          gone := least(places, places - (this_step - one.back_step)::int - cardinality(one.added) + at);
          if gone > 0 then kept_counts[gone] := kept_counts[gone] + one.added[at]; end if;
        end loop;
        if one.back > 0 and this_step - one.back_step between 0 and steps then
          gone := places - (this_step - one.back_step)::int;
          kept_counts[gone] := greatest(0, kept_counts[gone] - one.back);
        end if;
        used := (select sum(c) from unnest(kept_counts) as c);
        surplus := used + one.need - one.most;
        granted := 0;
        if one.need > 0 and surplus <= 0 then
          granted := one.need + greatest(0, least(one.ahead, (one.most - used - one.need) / 10));
          used := used + granted;
          kept_counts[places] := kept_counts[places] + granted;
          surplus := 1;
        end if;
        reset_ms := steps::float8 * step_ms;
        gone := 0;
        for at in 1 .. places loop
          gone := gone + kept_counts[at];
          if gone >= surplus then
            reset_ms := (this_step + at)::float8 * step_ms - now_ms;
            exit;
          end if;
        end loop;
        update rate_limits r set step = this_step, counts = kept_counts where r.bucket = one.bucket;
        place := one.place;
        remaining := greatest(0, one.most - used);
        step := this_step;
        step_left_ms := (this_step + 1)::float8 * step_ms - now_ms;
        return next;
      end loop;
    end $$`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop function extropy_settle_limits(jsonb, int, int)`.execute(db)
  await sql`drop table rate_limits`.execute(db)
}
