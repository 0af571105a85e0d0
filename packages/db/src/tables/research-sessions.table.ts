import {
  areIn,
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

export const researchStatuses = ['in_progress', 'completed', 'failed'] as const
export type ResearchStatus = (typeof researchStatuses)[number]

/** What a session may use up, and what it has: requests to other servers, seconds, tokens of a language model. */
export interface ResearchBudget {
  readonly requests: number
  readonly seconds: number
  readonly tokens: number
}

/** A question, or several, and the job that looks for answers. */
export const researchSessions = defineTable({
  name: 'research_sessions',
  columns: {
    id: withDefault(uuid()),
    userId: uuid(),
    name: text(),
    brief: text(),
    platforms: withDefault(textArray<Platform>()),
    keywords: withDefault(textArray()),
    targetAuthorities: withDefault(textArray()),
    questions: withDefault(textArray()),
    /** Sources to fetch before anything else. */
    targets: withDefault(textArray()),
    budget: withDefault(jsonb<ResearchBudget>()),
    spent: withDefault(jsonb<ResearchBudget>()),
    /** The latest run; null once that is pruned. */
    jobId: nullable(uuid()),
    contentsFound: withDefault(integer()),
    contentsAnalyzed: withDefault(integer()),
    patternsFound: withDefault(integer()),
    outputs: withDefault(jsonb<Record<string, unknown>>()),
    status: withDefault(text<ResearchStatus>()),
    createdAt: withDefault(timestamptz()),
    updatedAt: withDefault(timestamptz()),
    finishedAt: nullable(timestamptz()),
  },
  constraints: {
    research_sessions_pkey: 'PRIMARY KEY (id)',
    research_sessions_user_id_fkey: 'FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE',
    research_sessions_job_id_fkey: 'FOREIGN KEY (job_id) REFERENCES jobs(id) ON DELETE SET NULL',
    research_sessions_platforms_check: `CHECK (${areIn('platforms', platforms)})`,
    research_sessions_status_check: checkIn('status', researchStatuses),
    research_sessions_counts_check:
      'CHECK (((contents_found >= 0) AND (contents_analyzed >= 0) AND (patterns_found >= 0)))',
    research_sessions_finished_check: "CHECK (((status = 'in_progress'::text) = (finished_at IS NULL)))",
  },
  indexes: {
    idx_research_sessions_job_id: {
      using: 'btree (job_id)',
      where: '(job_id IS NOT NULL)',
      serves: 'its foreign key',
    },
    idx_research_sessions_created_desc: {
      using: 'btree (created_at DESC, id DESC)',
      serves: 'researchSessions.listResearchSessions',
    },
    idx_research_sessions_status_created: {
      using: 'btree (status, created_at DESC, id DESC)',
      serves: 'researchSessions.listResearchSessions by status',
    },
    idx_research_sessions_user_created_desc: {
      using: 'btree (user_id, created_at DESC, id DESC)',
      serves: 'researchSessions.listResearchSessions of a user',
    },
  },
})

export type ResearchSessionsTable = TableOf<typeof researchSessions>
