import {
  checkIn,
  defineTable,
  integer,
  jsonb,
  nullable,
  type TableOf,
  text,
  textArray,
  timestamptz,
  uuid,
  withDefault,
} from '../define-table.ts'
import { type Platform, platforms } from './platforms.ts'

/** `failing`: it is still looked at, ever more rarely. `gone`: the server said so, several times. Nothing is ever deleted. */
export const sourceStatuses = ['active', 'paused', 'failing', 'gone'] as const
export type SourceStatus = (typeof sourceStatuses)[number]

/** A thing that Extropy keeps up with, whoever added it. */
export const sources = defineTable({
  name: 'sources',
  columns: {
    id: withDefault(uuid()),
    platform: text<Platform>(),
    /** The platform's own word: `site`, `feed`, `channel`. */
    kind: text(),
    /** The same however it was written. */
    target: text(),
    url: text(),
    label: text(),
    title: nullable(text()),
    siteUrl: nullable(text()),
    status: withDefault(text<SourceStatus>()),
    /** Most posts of one round. */
    itemLimit: withDefault(integer()),
    /** Asked for by a person; null: as the source itself suggests. */
    intervalSeconds: nullable(integer()),
    /** Left by the last round for the next one: the feed's address, ETags. */
    memory: withDefault(jsonb<Record<string, string>>()),
    /** Of an OPML file. */
    folders: withDefault(textArray()),
    addedBy: nullable(uuid()),
    /** Rounds in a row that failed. */
    failures: withDefault(integer()),
    /** Rounds in a row that met a 404 or a 410. */
    absences: withDefault(integer()),
    lastOutcome: nullable(text()),
    lastMessage: nullable(text()),
    lastFetchedAt: nullable(timestamptz()),
    lastOkAt: nullable(timestamptz()),
    lastNewAt: nullable(timestamptz()),
    nextAt: nullable(timestamptz()),
    /** Why then. */
    nextReason: nullable(text()),
    createdAt: withDefault(timestamptz()),
  },
  constraints: {
    sources_pkey: 'PRIMARY KEY (id)',
    sources_target_key: 'UNIQUE (platform, target)',
    sources_added_by_fkey: 'FOREIGN KEY (added_by) REFERENCES users(id) ON DELETE SET NULL',
    sources_platform_check: checkIn('platform', platforms),
    sources_status_check: checkIn('status', sourceStatuses),
    sources_item_limit_check: 'CHECK (((item_limit >= 1) AND (item_limit <= 200)))',
    sources_interval_check: 'CHECK (((interval_seconds >= 900) AND (interval_seconds <= 604800)))',
  },
  indexes: {
    idx_sources_due: {
      using: 'btree (next_at)',
      where: "((next_at IS NOT NULL) AND (status <> 'paused'::text))",
      serves: 'sources.findDue',
    },
    idx_sources_created_desc: { using: 'btree (created_at DESC, id DESC)', serves: 'sources.listSources' },
    idx_sources_status_created_desc: {
      using: 'btree (status, created_at DESC, id DESC)',
      serves: 'sources.listSources of a status',
    },
    idx_sources_added_by: {
      using: 'btree (added_by)',
      where: '(added_by IS NOT NULL)',
      serves: 'its foreign key',
    },
  },
})

export type SourcesTable = TableOf<typeof sources>
