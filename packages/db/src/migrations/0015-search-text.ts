import { type Kysely, sql } from 'kysely'

/**
 * How a prepared text (packages/api/src/language/search-text.ts) becomes lexemes, for passages, cards and questions alike.
 * PostgreSQL's parser takes hosts, files, versions and signed numbers for words of their own kinds and drops `+` and `#`,
 * so a prepared text has nothing but words: a sign that belongs to one stands in it as a letter, and is put back here.
 * After the unit separator (U+001F) comes the text without accents, word for word.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function extropy_words(config regconfig, prepared text) returns tsvector
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
      if prepared ~ ${sql.lit(`[${letters}]`)} then
        return translate(words::text, ${sql.lit(letters)}, ${sql.lit(signs)})::tsvector;
      end if;
      return words;
    end $$`.execute(db)

  await sql`
    create function extropy_phrase(config regconfig, prepared text) returns tsquery
    language plpgsql immutable parallel safe as $$
    declare
      phrase tsquery := phraseto_tsquery(config, split_part(prepared, chr(31), 1));
      plain tsquery := phraseto_tsquery(config, split_part(prepared, chr(31), 2));
    begin
      if numnode(phrase) > 0 then phrase := phrase || plain; end if;
      if prepared ~ ${sql.lit(`[${letters}]`)} then
        return translate(phrase::text, ${sql.lit(letters)}, ${sql.lit(signs)})::tsquery;
      end if;
      return phrase;
    end $$`.execute(db)

  // In a collection of middling size the planner would rather compare each term's trigrams, at 3 to 6 µs a term.
  await sql`
    create function extropy_near_terms(asked text, most integer)
    returns table (id integer, lexeme text, passage_count integer, similarity double precision)
    language sql stable set enable_seqscan to off as $$
      select id, lexeme, passage_count, similarity(term.lexeme, asked)::float8
      from search_terms as term
      where term.lexeme % asked and passage_count > 0
      order by similarity(term.lexeme, asked) desc, passage_count desc, id
      limit most
    $$`.execute(db)

  // The program reads anew what is stored, since only it can prepare a text: packages/api/src/reread.
  await sql`
    create table text_versions (
      part text primary key,
      version integer not null,
      reached text
    )`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table text_versions`.execute(db)
  await sql`drop function extropy_words(regconfig, text), extropy_phrase(regconfig, text),
                         extropy_near_terms(text, integer)`.execute(db)
}

/** Letters that stand for the signs below, which PostgreSQL's parser keeps in a word whatever the database's locale. */
const letters = '\u1427\u1428\u02cd\u1429\u2d4c'
const signs = '.-_+#'
