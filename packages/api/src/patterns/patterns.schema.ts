import { patternTypes } from '@extropy/db'
import { z } from 'zod'
import { Id } from '../id.ts'
import { listInput, pageOf } from '../pagination.ts'
import { PlatformName } from '../platform.ts'

export const ListPatterns = listInput({
  sort: z.enum(['discovered', 'confidence']).default('discovered').describe('Newest first, or surest first'),
  authorId: Id.optional().describe('Only patterns of this author'),
  type: z.enum(patternTypes).optional(),
})

export const PatternId = z.strictObject({ id: Id })

/** What one request can wait for: a second or two where nothing was analysed before. */
const mostContents = 500

export const AnalyzePatterns = z.strictObject({
  contentIds: z
    .array(Id)
    .min(1)
    .max(
      mostContents,
      `must have at most ${mostContents} contents at once: an author's patterns are at /api/authors/{id}/patterns`,
    )
    .describe('The contents to compare, at most 500; of the same id twice one counts'),
})

export const AnalyzeAuthor = z.strictObject({ id: Id.describe('The author’s id') })

const PatternSummary = z.object({
  id: Id,
  authorId: Id,
  type: z.enum(patternTypes),
  description: z.string(),
  confidenceScore: z.number().min(0).max(1),
  discoveredAt: z.string(),
  method: z.string().describe('How it was found'),
  version: z.number().int().describe('Of the method'),
})

const Quote = z.object({
  start: z.number().int().describe('UTF-16 units of the content’s body'),
  end: z.number().int(),
  text: z.string(),
  passageId: z.string().nullable().optional().describe('The passage that it stands in'),
})

const PatternEvidence = z
  .object({
    contentId: Id,
    strength: z.number().describe('Its own share in the confidence, 0 to 1'),
    quotes: z.array(Quote),
    from: Id.optional().describe('Of a step of an elaboration: the content that it grew out of'),
    growth: z.number().optional().describe('So many times as long'),
    added: z.array(z.string()).optional().describe('Phrases that the older one does not have'),
    kept: z
      .array(z.object({ older: Quote, newer: Quote, strength: z.number() }))
      .optional()
      .describe('Sentences of the older one that it says again'),
  })
  .meta({ id: 'PatternEvidence' })

export const Pattern = PatternSummary.extend({
  contentIds: z.array(Id).describe('The contents that it was seen in; of an elaboration the oldest first'),
  evidence: z.array(PatternEvidence).describe('For each of them its words'),
}).meta({ id: 'Pattern' })

export const PatternPage = pageOf(PatternSummary)

export const FoundPatterns = z.object({
  patterns: z.array(
    PatternSummary.omit({ authorId: true, discoveredAt: true }).extend({ evidence: z.array(PatternEvidence) }),
  ),
  unknown: z.array(Id).describe('Ids that no content has'),
})

export const AuthorAnalysis = z.object({
  authorId: Id,
  contents: z.number().int(),
  patterns: z.array(z.object({ type: z.enum(patternTypes), count: z.number().int() })),
})

export const PatternTimeline = z.object({
  id: Id,
  type: z.enum(patternTypes),
  description: z.string(),
  steps: z
    .array(
      z.object({
        content: z.object({
          id: Id,
          platform: PlatformName,
          sourceUrl: z.string(),
          title: z.string(),
          publishedAt: z.string().nullable(),
        }),
        evidence: PatternEvidence,
      }),
    )
    .describe('The oldest first'),
})
