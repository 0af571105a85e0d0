import { type Kysely, sql } from 'kysely'

/** Databases that share a Redis keep their answers apart by it. And a request that is repeated is known to have changed what its first run did. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table database_identity (id uuid not null, constraint database_identity_pkey primary key (id))`.execute(
    db,
  )
  await sql`insert into database_identity values (gen_random_uuid())`.execute(db)
  await sql`alter table money_requests add column touched text[] not null default '{}'`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table money_requests drop column touched`.execute(db)
  await sql`drop table database_identity`.execute(db)
}
