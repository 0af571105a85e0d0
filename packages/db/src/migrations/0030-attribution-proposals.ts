import { type Kysely, sql } from 'kysely'

/** Attributions that are offered to the later author. The indexes are made by the index builder. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table attribution_proposals (
      id uuid primary key default gen_random_uuid(),
      source_card_id uuid not null,
      source_user_id uuid not null,
      target_card_id uuid not null,
      target_user_id uuid not null,
      coverage double precision not null
        constraint attribution_proposals_coverage_check check (coverage >= 0 and coverage <= 1),
      evidence jsonb not null default '{}',
      status text not null default 'open'
        constraint attribution_proposals_status_check check (status = any (array['open', 'accepted', 'refused'])),
      created_at timestamptz not null default now(),
      decided_at timestamptz,
      constraint attribution_proposals_pair_key unique (source_card_id, target_card_id),
      constraint attribution_proposals_source_fkey
        foreign key (source_card_id, source_user_id) references cards (id, user_id) on delete cascade,
      constraint attribution_proposals_target_fkey
        foreign key (target_card_id, target_user_id) references cards (id, user_id) on delete cascade,
      constraint attribution_proposals_own_card_check check (source_user_id <> target_user_id),
      constraint attribution_proposals_decided_check check ((status = 'open') = (decided_at is null))
    )`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table attribution_proposals`.execute(db)
}
