import { type Kysely, sql } from 'kysely'

/**
 * A card's words are what the program makes of its text, as a passage's are, and no longer what PostgreSQL's parser alone sees. What
 * is stored stays until the program has read it anew (packages/api/src/reread).
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table cards alter column search_vector drop expression, alter column search_vector set default ''`.execute(db)

  // Not the database's own websearch_to_tsquery: that refuses more than 31 operators in a row as too complex.
  await sql`
    create function extropy_search(config regconfig, pieces text[]) returns tsquery
    language plpgsql immutable parallel safe as $$
    declare
      piece text;
      alternatives tsquery := '';
      alternative tsquery := '';
    begin
      foreach piece in array pieces loop
        case left(piece, 1)
          when '|' then
            alternatives := alternatives || alternative;
            alternative := '';
          when '-' then
            alternative := alternative && !!extropy_phrase(config, substr(piece, 2));
          else
            alternative := alternative && extropy_phrase(config, substr(piece, 2));
        end case;
      end loop;
      return alternatives || alternative;
    end $$`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop function extropy_search(regconfig, text[])`.execute(db)
  await sql`alter table cards drop column search_vector`.execute(db)
  await sql`
    alter table cards add column search_vector tsvector not null generated always as (
      setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', body), 'D')) stored`.execute(db)
  await sql`alter table cards alter column search_vector set statistics 500`.execute(db)
}
