import { type Kysely, sql } from 'kysely'

/** The audit log by month, as the ledger and the fetches are: old months can be taken out whole. Indexes are made by the index builder. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table audit_log rename to audit_log_whole`.execute(db)
  await sql`alter table audit_log_whole rename constraint audit_log_pkey to audit_log_whole_pkey`.execute(db)
  await createAuditLog(db, 'primary key (id, created_at)', 'partition by range (created_at)')
  // Every month of the rows that are there, and the current one; those ahead are made after the migrations.
  await sql`
    do $$
    declare
      here text := current_setting('timezone');
      month timestamptz;
    begin
      perform set_config('timezone', 'UTC', true);
      for month in
        select generate_series(date_trunc('month', least(min(created_at), now())), greatest(max(created_at), now()), '1 month')
        from audit_log_whole
      loop
        execute format('create table %I partition of audit_log for values from (%L) to (%L)',
          'audit_log_' || to_char(month, 'YYYY_MM'), month, month + interval '1 month');
        execute format('create trigger audit_log_keep before truncate on %I for each statement execute function audit_log_refuse_change()',
          'audit_log_' || to_char(month, 'YYYY_MM'));
      end loop;
      perform set_config('timezone', here, true);
    end $$`.execute(db)
  await moveRows(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table audit_log rename to audit_log_whole`.execute(db)
  await sql`alter table audit_log_whole rename constraint audit_log_pkey to audit_log_whole_pkey`.execute(db)
  await createAuditLog(db, 'primary key (id)', '')
  await moveRows(db)
}

async function createAuditLog(db: Kysely<unknown>, key: string, partitioning: string): Promise<void> {
  await sql`drop index if exists idx_audit_log_created_desc, idx_audit_log_actor_created_desc`.execute(db)
  await sql`
    create table audit_log (
      id uuid not null default gen_random_uuid(),
      actor_user_id uuid,
      actor_key_id uuid,
      action text not null,
      target text,
      details jsonb not null default '{}',
      address text,
      request_id text,
      created_at timestamptz not null default clock_timestamp(),
      constraint audit_log_pkey ${sql.raw(key)}
    ) ${sql.raw(partitioning)}`.execute(db)
}

async function moveRows(db: Kysely<unknown>): Promise<void> {
  await sql`insert into audit_log select * from audit_log_whole`.execute(db)
  await sql`drop table audit_log_whole`.execute(db)
  await sql`
    create trigger audit_log_append_only before update or delete on audit_log
    for each row execute function audit_log_refuse_change()`.execute(db)
  await sql`
    create trigger audit_log_keep before truncate on audit_log
    for each statement execute function audit_log_refuse_change()`.execute(db)
  await sql`revoke update, delete, truncate on audit_log from public, current_user`.execute(db)
}
