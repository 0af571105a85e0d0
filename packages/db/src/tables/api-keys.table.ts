import {
  areIn,
  boolean,
  bytea,
  defineTable,
  integer,
  nullable,
  type TableOf,
  text,
  textArray,
  timestamptz,
  uuid,
  withDefault,
} from '../define-table.ts'

export const apiKeyScopes = ['read', 'write', 'admin'] as const
export type ApiKeyScope = (typeof apiKeyScopes)[number]

/** A key's sha-256; the key itself is shown once and never stored. */
export const apiKeys = defineTable({
  name: 'api_keys',
  columns: {
    id: withDefault(uuid()),
    userId: uuid(),
    name: text(),
    /** The key's first characters, for its owner to tell keys apart. */
    prefix: text(),
    keyHash: bytea(),
    scopes: textArray<ApiKeyScope>(),
    isActive: withDefault(boolean()),
    isRevoked: withDefault(boolean()),
    revokedAt: nullable(timestamptz()),
    expiresAt: nullable(timestamptz()),
    rateLimitPerHour: withDefault(integer()),
    /** The key that this one replaces, valid beside it for a while. */
    rotatedFromId: nullable(uuid()),
    lastUsedAt: nullable(timestamptz()),
    createdAt: withDefault(timestamptz()),
  },
  constraints: {
    api_keys_pkey: 'PRIMARY KEY (id)',
    api_keys_user_id_fkey: 'FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE',
    api_keys_rotated_from_id_fkey: 'FOREIGN KEY (rotated_from_id) REFERENCES api_keys(id) ON DELETE SET NULL',
    api_keys_key_hash_check: 'CHECK ((octet_length(key_hash) = 32))',
    api_keys_scopes_check: `CHECK (((cardinality(scopes) > 0) AND ${areIn('scopes', apiKeyScopes)}))`,
    api_keys_rate_limit_check: 'CHECK ((rate_limit_per_hour > 0))',
    api_keys_revoked_check: 'CHECK ((is_revoked = (revoked_at IS NOT NULL)))',
  },
  indexes: {
    idx_api_keys_hash_active: {
      using: 'btree (key_hash)',
      where: '(is_active AND (NOT is_revoked))',
      unique: true,
      serves: 'apiKeys.findActiveKey',
    },
    idx_api_keys_rotated_from_id: {
      using: 'btree (rotated_from_id)',
      where: '(rotated_from_id IS NOT NULL)',
      serves: 'its foreign key: deleting a key',
    },
    idx_api_keys_user_created_desc: {
      using: 'btree (user_id, created_at DESC, id DESC)',
      serves: 'apiKeys.listApiKeys',
    },
  },
  triggers: {
    // Every server's key cache listens to it; it is silent about `last_used_at`.
    api_keys_announce_change:
      'CREATE TRIGGER api_keys_announce_change AFTER DELETE OR UPDATE OF key_hash, user_id, scopes, is_active, is_revoked, expires_at, rate_limit_per_hour ON api_keys FOR EACH ROW EXECUTE FUNCTION api_keys_announce_change()',
  },
})

export type ApiKeysTable = TableOf<typeof apiKeys>
