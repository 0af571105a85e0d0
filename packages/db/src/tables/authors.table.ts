import {
  checkIn,
  defineTable,
  doublePrecision,
  integer,
  nullable,
  smallint,
  type TableOf,
  text,
  timestamptz,
  uuid,
  withDefault,
} from '../define-table.ts'
import { type Platform, platforms } from './platforms.ts'

/** A creator on a platform. */
export const authors = defineTable({
  name: 'authors',
  columns: {
    id: withDefault(uuid()),
    platform: text<Platform>(),
    username: text(),
    displayName: text(),
    bio: nullable(text()),
    followerCount: withDefault(integer()),
    followingCount: withDefault(integer()),
    contentCount: withDefault(integer()),
    /** 0 to 1; null while nobody has judged it. */
    authorityScore: nullable(doublePrecision()),
    /** Of the methods that found its patterns, and when they last did; 0 and null where none has. */
    patternsVersion: withDefault(smallint()),
    patternsFoundAt: nullable(timestamptz()),
  },
  constraints: {
    authors_pkey: 'PRIMARY KEY (id)',
    authors_platform_username_key: 'UNIQUE (platform, username)',
    authors_platform_check: checkIn('platform', platforms),
    authors_counts_check: 'CHECK (((follower_count >= 0) AND (following_count >= 0) AND (content_count >= 0)))',
    authors_authority_score_check:
      'CHECK (((authority_score >= (0)::double precision) AND (authority_score <= (1)::double precision)))',
  },
  indexes: {
    idx_authors_username_trigram: { using: 'gin (username gin_trgm_ops)', serves: 'authors.list with search' },
    idx_authors_display_name_trigram: { using: 'gin (display_name gin_trgm_ops)', serves: 'authors.list with search' },
  },
  churning: ['patternsVersion', 'patternsFoundAt'],
  triggers: {
    authors_announce_change:
      'CREATE TRIGGER authors_announce_change AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON authors FOR EACH STATEMENT EXECUTE FUNCTION extropy_announce_change()',
  },
})

export type AuthorsTable = TableOf<typeof authors>
