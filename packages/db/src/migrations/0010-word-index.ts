import { type Kysely, sql } from 'kysely'

/**
 * What BM25 needs, kept by triggers in the same transaction as the passages: whoever writes or deletes a passage, by
 * whatever way, leaves the word index in step. Passages that are there already are indexed here, without a new ingest.
 *
 * Adding the identity column rewrites `content_chunks`, and readers wait for that: some 10 s a million passages.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table contents add column language text`.execute(db)
  await sql`
    alter table content_chunks
      add column id integer generated always as identity constraint content_chunks_id_key unique,
      add column search_config text not null default 'english',
      add column tags text[] not null default '{}'`.execute(db)
  await sql`
    update content_chunks set tags = contents.tags
    from contents where contents.id = content_id and contents.tags <> '{}'`.execute(db)

  await sql`
    create table search_configs (
      search_config text primary key,
      passage_count integer not null,
      title_length bigint not null,
      body_length bigint not null
    )`.execute(db)
  await sql`
    create table search_terms (
      id integer generated always as identity primary key,
      search_config text not null,
      lexeme text not null,
      passage_count integer not null constraint search_terms_passage_count_check check (passage_count >= 0),
      unique (search_config, lexeme)
    )`.execute(db)
  // All that a score needs stands in the primary key's index: a search never visits the table itself.
  await sql`
    create table search_postings (
      term_id integer not null,
      chunk_id integer not null,
      title_count smallint not null,
      body_count smallint not null,
      title_length smallint not null,
      body_length smallint not null,
      primary key (term_id, chunk_id) include (title_count, body_count, title_length, body_length)
    )`.execute(db)

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

  // One writer at a time: two that count the same words in different orders would wait for each other for ever.
  await sql`
    create function search_index_follow() returns trigger language plpgsql as $$
    begin
      if tg_op = 'TRUNCATE' then
        truncate search_postings, search_terms, search_configs;
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
      perform pg_advisory_xact_lock(7310028126430);
      if tg_op <> 'INSERT' then ${sql.raw(removeFrom('old_chunks'))}; end if;
      if tg_op <> 'DELETE' then ${sql.raw(addFrom('new_chunks'))}; end if;
      return null;
    end $$`.execute(db)
  await sql.raw(addFrom('content_chunks')).execute(db)

  const tables = { insert: 'new table as new_chunks', delete: 'old table as old_chunks' }
  for (const [event, transition] of Object.entries({ ...tables, update: `${tables.insert} ${tables.delete}` })) {
    await sql
      .raw(
        `create trigger content_chunks_word_index_${event} after ${event} on content_chunks
         referencing ${transition} for each statement execute function search_index_follow()`,
      )
      .execute(db)
  }
  await sql`
    create trigger content_chunks_word_index_truncate after truncate on content_chunks
    for each statement execute function search_index_follow()`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const event of ['insert', 'update', 'delete', 'truncate']) {
    await sql.raw(`drop trigger content_chunks_word_index_${event} on content_chunks`).execute(db)
  }
  await sql`drop function search_index_follow()`.execute(db)
  await sql`drop function search_index_words(tsvector)`.execute(db)
  await sql`drop table search_postings, search_terms, search_configs`.execute(db)
  await sql`alter table content_chunks drop column id, drop column search_config, drop column tags`.execute(db)
  await sql`alter table contents drop column language`.execute(db)
}

/** Counts the words of a table's passages in, and writes a posting for each. */
function addFrom(chunks: string): string {
  return `
    with entry as materialized (
      select chunk.id as chunk_id, chunk.search_config, word.*
      from ${chunks} as chunk cross join lateral search_index_words(chunk.search_vector) as word
    ),
    counted as materialized (select search_config, lexeme, count(*)::int as passages from entry group by 1, 2),
    known as (
      update search_terms as term set passage_count = term.passage_count + counted.passages
      from counted where term.search_config = counted.search_config and term.lexeme = counted.lexeme
      returning term.id, term.search_config, term.lexeme
    ),
    added as (
      insert into search_terms (search_config, lexeme, passage_count)
      select * from counted where not exists (
        select from search_terms as term
        where term.search_config = counted.search_config and term.lexeme = counted.lexeme)
      returning id, search_config, lexeme
    ),
    posted as (
      insert into search_postings
      select term.id, chunk_id, title_count, body_count, title_length, body_length
      from entry join (select * from known union all select * from added) as term using (search_config, lexeme)
    )
    insert into search_configs as total
    select search_config, count(*), sum(chunk.title_length), sum(chunk.body_length)
    from (
      select search_config, coalesce(word.title_length, 0) as title_length, coalesce(word.body_length, 0) as body_length
      from ${chunks} as source
      left join lateral (select * from search_index_words(source.search_vector) limit 1) as word on true
    ) as chunk
    group by search_config
    on conflict (search_config) do update set
      passage_count = total.passage_count + excluded.passage_count,
      title_length = total.title_length + excluded.title_length,
      body_length = total.body_length + excluded.body_length`
}

/** The reverse: a passage's own lexemes say which postings it has, so that they need no index by passage. */
function removeFrom(chunks: string): string {
  return `
    with entry as materialized (
      select chunk.id as chunk_id, chunk.search_config, word.*
      from ${chunks} as chunk cross join lateral search_index_words(chunk.search_vector) as word
    ),
    term as (
      update search_terms as term set passage_count = term.passage_count - counted.passages
      from (select search_config, lexeme, count(*)::int as passages from entry group by 1, 2) as counted
      where term.search_config = counted.search_config and term.lexeme = counted.lexeme
      returning term.id, term.search_config, term.lexeme
    ),
    gone as (
      delete from search_postings as posting using entry join term using (search_config, lexeme)
      where posting.term_id = term.id and posting.chunk_id = entry.chunk_id
    )
    update search_configs as total set
      passage_count = total.passage_count - chunk.passages,
      title_length = total.title_length - chunk.title_length,
      body_length = total.body_length - chunk.body_length
    from (
      select source.search_config, count(*)::int as passages,
             sum(coalesce(word.title_length, 0)) as title_length, sum(coalesce(word.body_length, 0)) as body_length
      from ${chunks} as source
      left join lateral (select * from search_index_words(source.search_vector) limit 1) as word on true
      group by 1
    ) as chunk
    where total.search_config = chunk.search_config`
}
