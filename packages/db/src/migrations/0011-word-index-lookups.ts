import { type Kysely, sql } from 'kysely'

/**
 * The word index's trigger function anew: it looks words up one by one. As 0010 wrote it, a plan without statistics read
 * the growing tables whole for each content, and a first load took three times as long, and ever longer.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Without statistics, in a new database, a plan would read the growing tables whole for each content: no scans.
  // One writer at a time: two that count the same words in different orders would wait for each other for ever.
  await sql`
    create or replace function search_index_follow() returns trigger language plpgsql set enable_seqscan to off as $$
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
      if tg_op = 'DELETE' then
        if not exists (select from old_chunks) then return null; end if;
      end if;
      perform pg_advisory_xact_lock(7310028126430);
      if tg_op <> 'INSERT' then ${sql.raw(removeFrom('old_chunks'))}; end if;
      if tg_op <> 'DELETE' then ${sql.raw(addFrom('new_chunks'))}; end if;
      return null;
    end $$`.execute(db)
}

/** Both forms leave the same rows: the quicker one stays. */
export async function down(): Promise<void> {}

/** The words of `entry`, each with its term where there is one: a look-up a word, whatever the planner thinks. */
const countTerms = `
  select search_config, lexeme, passages,
         (select id from search_terms as term
          where term.search_config = word.search_config and term.lexeme = word.lexeme) as id
  from (select search_config, lexeme, count(*)::int as passages from entry group by 1, 2) as word`

/** Counts the words of a table's passages in, and writes a posting for each. */
function addFrom(chunks: string): string {
  return `
    with entry as materialized (
      select chunk.id as chunk_id, chunk.search_config, word.*
      from ${chunks} as chunk cross join lateral search_index_words(chunk.search_vector) as word
    ),
    counted as materialized (${countTerms}),
    known as (
      update search_terms as term set passage_count = term.passage_count + counted.passages
      from counted where term.id = counted.id
      returning term.id, term.search_config, term.lexeme
    ),
    added as (
      insert into search_terms (search_config, lexeme, passage_count)
      select search_config, lexeme, passages from counted where id is null
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
    counted as materialized (${countTerms}),
    term as (
      update search_terms as term set passage_count = term.passage_count - counted.passages
      from counted where term.id = counted.id
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
