import {
  checkIn,
  defineTable,
  doublePrecision,
  integer,
  jsonb,
  nullable,
  type TableOf,
  text,
  timestamptz,
  uuid,
  uuidArray,
  withDefault,
} from '../define-table.ts'
import type { Platform } from './platforms.ts'

export const fetchOutcomes = [
  'ok',
  'unchanged',
  'empty',
  'gone',
  'blocked',
  'needs-js',
  'paywalled',
  'refused',
  'failed',
] as const

/** One attempt to get something. Append-only, by trigger; split by month. Ids here are history, not foreign keys. */
export const fetches = defineTable({
  name: 'fetches',
  partitionedBy: 'fetched_at',
  columns: {
    id: withDefault(uuid()),
    fetchedAt: withDefault(timestamptz()),
    platform: text<Platform>(),
    sourceId: nullable(uuid()),
    jobId: nullable(uuid()),
    /** The key of what was to be looked at. */
    target: text(),
    url: text(),
    /** The last address of its redirects. */
    finalUrl: text(),
    redirects: withDefault(jsonb<readonly { from: string; to: string; status: number }[]>()),
    outcome: text<(typeof fetchOutcomes)[number]>(),
    reason: nullable(text()),
    message: nullable(text()),
    httpStatus: nullable(integer()),
    /** The verdict of robots.txt: `allowed`, `no rules`, `disallowed`; null: not asked. */
    robots: nullable(text()),
    wireBytes: withDefault(integer()),
    totalMs: doublePrecision(),
    /** For the host's lane, and for robots.txt. */
    waitedMs: withDefault(doublePrecision()),
  },
  constraints: {
    fetches_pkey: 'PRIMARY KEY (id, fetched_at)',
    fetches_outcome_check: checkIn('outcome', fetchOutcomes),
  },
  indexes: {
    idx_fetches_source_fetched_desc: {
      using: 'btree (source_id, fetched_at DESC, id DESC)',
      where: '(source_id IS NOT NULL)',
      serves: 'sources.listFetches',
    },
  },
  triggers: {
    fetches_append_only:
      'CREATE TRIGGER fetches_append_only BEFORE DELETE OR UPDATE ON fetches FOR EACH ROW EXECUTE FUNCTION fetches_refuse_change()',
    fetches_keep:
      'CREATE TRIGGER fetches_keep BEFORE TRUNCATE ON fetches FOR EACH STATEMENT EXECUTE FUNCTION fetches_refuse_change()',
  },
})

export type FetchesTable = TableOf<typeof fetches>

/** The latest look at each target, followed or not, with what it brought. */
export const looks = defineTable({
  name: 'looks',
  columns: {
    platform: text<Platform>(),
    target: text(),
    lookedAt: withDefault(timestamptz()),
    outcome: text<(typeof fetchOutcomes)[number]>(),
    message: text(),
    contentIds: withDefault(uuidArray()),
  },
  constraints: {
    looks_pkey: 'PRIMARY KEY (platform, target)',
    looks_outcome_check: checkIn('outcome', fetchOutcomes),
  },
  indexes: {},
})

export type LooksTable = TableOf<typeof looks>
