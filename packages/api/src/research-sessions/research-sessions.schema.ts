import { platforms, researchStatuses } from '@extropy/db'
import { z } from 'zod'
import { cleanText } from '../clean-text.ts'
import { Id } from '../id.ts'
import { listInput, pageOf } from '../pagination.ts'
import { PlatformName } from '../platform.ts'
import { Receipt } from '../receipts/receipts.schema.ts'

export const ListResearchSessions = listInput({
  status: z.enum(researchStatuses).optional(),
  userId: Id.optional().describe('Default: the caller; another user for admins only'),
})

export const SessionId = z.strictObject({ id: Id })

const words = z.array(cleanText(200).trim().min(1)).max(100)

const Budget = z
  .strictObject({
    requests: z.number().int().min(0).max(1000).default(20).describe('To other servers'),
    seconds: z.number().int().min(1).max(3600).default(300).describe('From the start of its first step'),
    tokens: z.number().int().min(0).max(1_000_000).default(20_000).describe('Of the language model, in and out'),
  })
  .describe('Never passed: whatever it no longer suffices for is left out, and the report says so')

export const CreateSession = z.strictObject({
  name: cleanText(200).trim().min(1),
  brief: cleanText(20_000).describe('The subject, in a few sentences'),
  questions: z
    .array(cleanText(1000).trim().min(1))
    .max(20)
    .default([])
    .describe("Left out: the brief's own questions; where it asks none, the brief"),
  targets: z
    .array(cleanText(2000).trim().min(1))
    .max(20)
    .default([])
    .describe('Sources to fetch first: pages, feeds, channels, profiles'),
  platforms: z.array(PlatformName).max(platforms.length).default([]),
  keywords: words.default([]).describe('Looked for beside the questions'),
  targetAuthorities: words.default([]).describe('Authors whose own words on each question are reported apart'),
  budget: Budget.prefault({}),
})

const AnswerSentence = z.object({ text: z.string(), receipts: z.array(Receipt) })

/** One question with its answer: of the whole collection, and of each authority that has something to say. */
const ResearchAnswer = z.object({
  question: z.string(),
  voices: z.array(
    z.object({
      author: z.string().nullable().describe('Null: the whole collection'),
      kind: z.enum(['generated', 'extracted']),
      sentences: z.array(AnswerSentence),
    }),
  ),
  notice: z.string().nullable(),
  change: z.enum(['new', 'same', 'changed']).describe('Against the run before'),
})
export type ResearchAnswer = z.output<typeof ResearchAnswer>

const Source = z.object({
  contentId: Id,
  title: z.string(),
  sourceUrl: z.string(),
  author: z.string(),
  publishedAt: z.string().nullable(),
})
export type ResearchSource = z.output<typeof Source>

const FetchedTarget = z.object({ target: z.string(), outcome: z.string(), message: z.string(), contents: z.number() })
export type FetchedTarget = z.output<typeof FetchedTarget>

export const ResearchOutputs = z.object({
  questions: z.array(z.string()).optional().describe('As planned'),
  fetched: z.array(FetchedTarget).optional(),
  found: z.array(Source).optional().describe('Contents that have something to do with it, the nearest first'),
  patterns: z
    .array(z.object({ id: Id, type: z.string(), description: z.string(), confidenceScore: z.number() }))
    .optional(),
  answers: z.array(ResearchAnswer).optional(),
  cited: z.array(Source).optional().describe('Contents that the receipts of the answers are of'),
  leftOut: z.array(z.string()).optional().describe('For want of budget'),
  report: z.string().optional().describe('Markdown; each sentence of an answer has its receipt in a footnote'),
  problem: z.string().optional().describe('Why it failed'),
  notes: z.unknown().optional().describe('Of an earlier release'),
})
export type ResearchOutputs = z.output<typeof ResearchOutputs>

const summary = {
  id: Id,
  userId: Id,
  name: z.string(),
  status: z.enum(researchStatuses),
  platforms: z.array(PlatformName),
  keywords: z.array(z.string()),
  contentsFound: z.number().int(),
  contentsAnalyzed: z.number().int(),
  patternsFound: z.number().int(),
  createdAt: z.string(),
  finishedAt: z.string().nullable(),
}

const Amounts = z.object({ requests: z.number(), seconds: z.number(), tokens: z.number() })

export const ResearchSession = z
  .object({
    ...summary,
    brief: z.string(),
    targetAuthorities: z.array(z.string()),
    questions: z.array(z.string()),
    targets: z.array(z.string()),
    budget: Amounts,
    spent: Amounts,
    jobId: Id.nullable().describe('Its job: GET /api/jobs/{id}/events follows it live'),
    outputs: ResearchOutputs,
    updatedAt: z.string(),
  })
  .meta({ id: 'ResearchSession' })

export const SessionPage = pageOf(z.object(summary))
