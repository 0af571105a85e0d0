import {
  checkIn,
  defineTable,
  doublePrecision,
  integer,
  jsonb,
  smallint,
  type TableOf,
  text,
  timestamptz,
  uuid,
  withDefault,
} from '../define-table.ts'

export const patternTypes = ['elaboration', 'theme', 'hook', 'framework', 'reprint'] as const
export type PatternType = (typeof patternTypes)[number]

/** Something seen across an author's contents. */
export const patterns = defineTable({
  name: 'patterns',
  columns: {
    id: withDefault(uuid()),
    authorId: uuid(),
    type: text<PatternType>(),
    description: text(),
    /** 0 to 1. */
    confidenceScore: doublePrecision(),
    discoveredAt: withDefault(timestamptz()),
    method: withDefault(text()),
    version: withDefault(smallint()),
  },
  constraints: {
    patterns_pkey: 'PRIMARY KEY (id)',
    patterns_author_id_fkey: 'FOREIGN KEY (author_id) REFERENCES authors(id) ON DELETE CASCADE',
    patterns_type_check: checkIn('type', patternTypes),
    patterns_confidence_score_check:
      'CHECK (((confidence_score >= (0)::double precision) AND (confidence_score <= (1)::double precision)))',
  },
  indexes: {
    idx_patterns_confidence_score_desc: {
      using: 'btree (confidence_score DESC NULLS LAST, id DESC)',
      serves: 'patterns.listPatterns by confidence',
    },
    idx_patterns_discovered_at_desc: {
      using: 'btree (discovered_at DESC, id DESC)',
      serves: 'patterns.listPatterns, newest first',
    },
    idx_patterns_author_discovered_desc: {
      using: 'btree (author_id, discovered_at DESC, id DESC)',
      serves: 'patterns.listPatterns of an author; its foreign key',
    },
    idx_patterns_type_discovered_desc: {
      using: 'btree (type, discovered_at DESC, id DESC)',
      serves: 'patterns.listPatterns of a type',
    },
  },
  triggers: {
    patterns_announce_change:
      'CREATE TRIGGER patterns_announce_change AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON patterns FOR EACH STATEMENT EXECUTE FUNCTION extropy_announce_change()',
  },
})

/** The contents that a pattern was seen in; a pattern goes when too few of them are left. */
export const patternContents = defineTable({
  name: 'pattern_contents',
  columns: {
    patternId: uuid(),
    contentId: uuid(),
    /** Of an elaboration the oldest is 0. */
    position: withDefault(integer()),
    /** Its words, and what it added: see `Evidence`. */
    evidence: withDefault(jsonb<Record<string, unknown>>()),
  },
  constraints: {
    pattern_contents_pkey: 'PRIMARY KEY (pattern_id, content_id)',
    pattern_contents_pattern_id_fkey: 'FOREIGN KEY (pattern_id) REFERENCES patterns(id) ON DELETE CASCADE',
    pattern_contents_content_id_fkey: 'FOREIGN KEY (content_id) REFERENCES contents(id) ON DELETE CASCADE',
  },
  indexes: {
    idx_pattern_contents_content_id: { using: 'btree (content_id)', serves: 'its foreign key: deleting a content' },
  },
  maintains: ['patterns'],
  triggers: {
    pattern_contents_drop_broken:
      'CREATE TRIGGER pattern_contents_drop_broken AFTER DELETE ON pattern_contents REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION extropy_drop_broken_patterns()',
    pattern_contents_announce_change:
      'CREATE TRIGGER pattern_contents_announce_change AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON pattern_contents FOR EACH STATEMENT EXECUTE FUNCTION extropy_announce_change()',
  },
})

export type PatternsTable = TableOf<typeof patterns>
export type PatternContentsTable = TableOf<typeof patternContents>
