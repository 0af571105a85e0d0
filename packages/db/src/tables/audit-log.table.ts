import { defineTable, jsonb, nullable, type TableOf, text, timestamptz, uuid, withDefault } from '../define-table.ts'

/** Acts with their user, target and origin: keys, admin acts and money. Append-only, by trigger; split by month. */
export const auditLog = defineTable({
  name: 'audit_log',
  partitionedBy: 'created_at',
  columns: {
    id: withDefault(uuid()),
    /** Null: a command on the server's own machine. No foreign key: the log outlives the rows that it names. */
    actorUserId: nullable(uuid()),
    actorKeyId: nullable(uuid()),
    /** `tokens.transfer`: the procedure. */
    action: text(),
    /** The id of the object that the action changed. */
    target: nullable(text()),
    details: withDefault(jsonb<Record<string, unknown>>()),
    /** The caller's network address. */
    address: nullable(text()),
    requestId: nullable(text()),
    createdAt: withDefault(timestamptz()),
  },
  constraints: { audit_log_pkey: 'PRIMARY KEY (id, created_at)' },
  indexes: {
    idx_audit_log_created_desc: { using: 'btree (created_at DESC, id DESC)', serves: 'audit.listAuditLog' },
    idx_audit_log_actor_created_desc: {
      using: 'btree (actor_user_id, created_at DESC, id DESC)',
      serves: 'audit.listAuditLog of a user',
    },
  },
  triggers: {
    audit_log_append_only:
      'CREATE TRIGGER audit_log_append_only BEFORE DELETE OR UPDATE ON audit_log FOR EACH ROW EXECUTE FUNCTION audit_log_refuse_change()',
    audit_log_keep:
      'CREATE TRIGGER audit_log_keep BEFORE TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION audit_log_refuse_change()',
  },
})

export type AuditLogTable = TableOf<typeof auditLog>
