import { type Kysely, sql } from 'kysely'
import { up as followOneByOne } from './0011-word-index-lookups.ts'

/**
 * Writers of passages go on side by side. Postings of words that are known are written without a lock. A new word is added
 * under a lock that is taken last and held until the commit. Whoever gets the lock for the counts writes them into
 * `search_terms` and `search_configs`, with those that others had to leave in the two tables of changes: nobody waits for it,
 * and the views add up what is in both. What is indexed already stays as it is.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table search_term_changes (term_id integer not null, passage_count integer not null)`.execute(db)
  await sql`
    create table search_config_changes (
      search_config text not null,
      passage_count integer not null,
      title_length bigint not null,
      body_length bigint not null
    )`.execute(db)
  // Room for the counts that change, so that none of a word's indexes is written with them.
  await sql`alter table search_terms set (fillfactor = 50)`.execute(db)
  await sql`
    create view search_term_counts as
    select id, search_config, lexeme, passage_count + waiting as passage_count
    from search_terms as term
    cross join lateral (
      select coalesce(sum(passage_count), 0)::int as waiting from search_term_changes where term_id = term.id
    ) as change`.execute(db)
  await sql`
    create view search_config_counts as
    select search_config, sum(passage_count)::int as passage_count,
           sum(title_length)::bigint as title_length, sum(body_length)::bigint as body_length
    from (select * from search_configs union all select * from search_config_changes) as part
    group by search_config`.execute(db)

  // As 0015 wrote it, but for replace in place of translate, which takes four times as long.
  await sql`
    create or replace function extropy_words(config regconfig, prepared text) returns tsvector
    language plpgsql immutable parallel safe as $$
    declare
      words tsvector := to_tsvector(config, split_part(prepared, chr(31), 1));
      plain tsvector := to_tsvector(config, split_part(prepared, chr(31), 2));
    begin
      if length(plain) > 0 then
        -- A stop word has no lexeme, and none without its accents: für is not fur.
        words := (words::text || ' ' || ts_delete(plain, array(
          select lexeme from unnest(plain)
          where positions[1] not in (select unnest(positions) from unnest(words))))::text)::tsvector;
      end if;
      if prepared ~ '[\u1427\u1428\u02cd\u1429\u2d4c]' then
        return replace(replace(replace(replace(replace(words::text, '\u1427', '.'), '\u1428', '-'),
                                       '\u02cd', '_'), '\u1429', '+'), '\u2d4c', '#')::tsvector;
      end if;
      return words;
    end $$`.execute(db)
  await sql`
    create or replace function extropy_near_terms(asked text, most integer)
    returns table (id integer, lexeme text, passage_count integer, similarity double precision)
    language sql stable set enable_seqscan to off as $$
      select term.id, term.lexeme, counted.passage_count, similarity(term.lexeme, asked)::float8
      from search_terms as term join search_term_counts as counted on counted.id = term.id
      where term.lexeme % asked and counted.passage_count > 0
      order by similarity(term.lexeme, asked) desc, counted.passage_count desc, term.id
      limit most
    $$`.execute(db)

  // One holder at a time writes to these rows, so that no two can wait for each other.
  await sql`
    create function search_index_count(terms search_term_changes[], configs search_config_changes[]) returns void
    language plpgsql ${sql.raw(lookUps)} as $$
    begin
      if not pg_try_advisory_xact_lock(7310028126431) then
        insert into search_term_changes select * from unnest(terms);
        insert into search_config_changes select * from unnest(configs);
        return;
      end if;
      with waiting as (delete from search_term_changes returning *),
      change as (
        select term_id, sum(passage_count)::int as passage_count
        from (select * from waiting union all select * from unnest(terms)) as part group by 1
      )
      update search_terms as term set passage_count = term.passage_count + change.passage_count
      from change where term.id = change.term_id;
      with waiting as (delete from search_config_changes returning *)
      insert into search_configs as total
      select search_config, sum(passage_count), sum(title_length), sum(body_length)
      from (select * from waiting union all select * from unnest(configs)) as part
      group by 1
      on conflict (search_config) do update set
        passage_count = total.passage_count + excluded.passage_count,
        title_length = total.title_length + excluded.title_length,
        body_length = total.body_length + excluded.body_length;
    end $$`.execute(db)

  await sql`
    create type search_new_word as (search_config text, lexeme text, postings search_postings[])`.execute(db)
  await sql`
    create or replace function search_index_follow() returns trigger language plpgsql ${sql.raw(lookUps)} as $$
    declare
      terms search_term_changes[];
      configs search_config_changes[];
      new_words search_new_word[];
    begin
      if tg_op = 'TRUNCATE' then
        truncate search_postings, search_terms, search_configs, search_term_changes, search_config_changes;
        return null;
      end if;
      if tg_op = 'UPDATE' then
        if not exists (
          select from old_chunks full join new_chunks using (id)
          where (old_chunks.search_vector, old_chunks.search_config)
                is distinct from (new_chunks.search_vector, new_chunks.search_config)
        ) then
          return null;
        end if;
      end if;
      if tg_op in ('UPDATE', 'DELETE') then
        if not exists (select from old_chunks) then return null; end if;
        ${sql.raw(removeOld)};
        perform search_index_count(terms, configs);
      end if;
      if tg_op in ('INSERT', 'UPDATE') then
        if not exists (select from new_chunks) then return null; end if;
        ${sql.raw(addNew)};
        if new_words is not null then
          -- Two that add the same words in different orders would wait for each other for ever.
          perform pg_advisory_xact_lock(7310028126430);
          ${sql.raw(addNewWords)};
        end if;
        perform search_index_count(terms, configs);
      end if;
      return null;
    end $$`.execute(db)
  await sql`drop function search_index_words(tsvector)`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`select search_index_count('{}', '{}')`.execute(db)
  // As 0010 and 0015 wrote them.
  await sql`
    create function search_index_words(search_vector tsvector)
    returns table (lexeme text, title_count smallint, body_count smallint, title_length smallint, body_length smallint)
    language sql immutable parallel safe as $$
      select word.lexeme, least(word.in_title, 32767)::smallint, least(word.in_all - word.in_title, 32767)::smallint,
             least(sum(word.in_title) over (), 32767)::smallint,
             least(sum(word.in_all - word.in_title) over (), 32767)::smallint
      from (
        select w.lexeme, coalesce(cardinality(w.positions), 0) as in_all,
               coalesce(cardinality(array_positions(w.weights, 'A')), 0) as in_title
        from unnest(search_vector) as w
      ) as word
    $$`.execute(db)
  await followOneByOne(db)
  await sql`
    create or replace function extropy_near_terms(asked text, most integer)
    returns table (id integer, lexeme text, passage_count integer, similarity double precision)
    language sql stable set enable_seqscan to off as $$
      select id, lexeme, passage_count, similarity(term.lexeme, asked)::float8
      from search_terms as term
      where term.lexeme % asked and passage_count > 0
      order by similarity(term.lexeme, asked) desc, passage_count desc, id
      limit most
    $$`.execute(db)
  await sql`drop function search_index_count(search_term_changes[], search_config_changes[])`.execute(db)
  await sql`drop type search_new_word`.execute(db)
  await sql`drop view search_term_counts, search_config_counts`.execute(db)
  await sql`drop table search_term_changes, search_config_changes`.execute(db)
}

/** A plan is made once a session, maybe for a small table and few words: it may not read whole tables when there are more. */
const lookUps = 'set enable_seqscan to off set enable_hashjoin to off set enable_mergejoin to off set jit to off'

/** The words of a table's passages, each with its postings and its term where there is one; and the passages by configuration. */
const wordsOf = (chunks: string, sign: string): string => `
    with chunk as materialized (
      select chunk.id, search_config, search_vector, least(titles, 32767)::smallint as title_length,
             least(positions - titles, 32767)::smallint as body_length
      from ${chunks} as chunk
      cross join lateral (
        select coalesce(sum(cardinality(word.positions)), 0) as positions, coalesce(sum(${inTitle}), 0) as titles
        from unnest(search_vector) as word
      ) as length
    ),
    word as materialized (
      select search_config, lexeme, count(*)::int as passages, array_agg(posting) as postings,
             (select id from search_terms as term
              where term.search_config = entry.search_config and term.lexeme = entry.lexeme) as id
      from (
        select search_config, lexeme,
               row(0, id, least(titles, 32767), least(positions - titles, 32767), title_length, body_length)::search_postings as posting
        from chunk
        cross join lateral (
          select lexeme, coalesce(cardinality(word.positions), 0) as positions, ${inTitle} as titles
          from unnest(search_vector) as word
        ) as word
      ) as entry
      group by search_config, lexeme
    ),
    total as (
      select row(search_config, ${sign}count(*), ${sign}sum(title_length), ${sign}sum(body_length))::search_config_changes as change
      from chunk group by search_config
    )`

const inTitle = `case when 'A' = any(word.weights) then cardinality(array_positions(word.weights, 'A')) else 0 end`

/** A passage's own lexemes say which postings it has, so that they need no index by passage. */
const removeOld = `${wordsOf('old_chunks', '-')},
    gone as (
      delete from search_postings as posting using word cross join lateral unnest(postings) as known
      where posting.term_id = word.id and posting.chunk_id = known.chunk_id
    )
    select (select array_agg(row(id, -passages)::search_term_changes) from word), (select array_agg(change) from total)
    into terms, configs`

/** Postings of the words that are known, in the index's order, which halves the work; the new words are left for addNewWords. */
const addNew = `${wordsOf('new_chunks', '')},
    posted as (
      insert into search_postings
      select word.id, posting.chunk_id, title_count, body_count, title_length, body_length
      from word cross join lateral unnest(postings) as posting
      where word.id is not null order by 1, 2
    )
    select (select array_agg(row(id, passages)::search_term_changes) from word where id is not null),
           (select array_agg(change) from total),
           (select array_agg(row(search_config, lexeme, postings)::search_new_word) from word where id is null)
    into terms, configs, new_words`

/** Those that another writer has added meanwhile are counted like any other. */
const addNewWords = `
    select terms || array_agg(row(term.id, cardinality(word.postings))::search_term_changes)
    from unnest(new_words) as word
    join search_terms as term on term.search_config = word.search_config and term.lexeme = word.lexeme
    into terms;
    insert into search_terms (search_config, lexeme, passage_count)
    select search_config, lexeme, cardinality(postings) from unnest(new_words)
    on conflict do nothing;
    with word as materialized (
      select postings,
             (select id from search_terms as term
              where term.search_config = word.search_config and term.lexeme = word.lexeme) as id
      from unnest(new_words) as word
    )
    insert into search_postings
    select word.id, posting.chunk_id, title_count, body_count, title_length, body_length
    from word cross join lateral unnest(postings) as posting order by 1, 2`
