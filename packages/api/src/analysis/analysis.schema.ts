import { z } from 'zod'
import { Id } from '../id.ts'
import { frameworks } from './frameworks.ts'
import { hookTypes } from './hooks.ts'
import { comparedFields, opinionFields } from './opinion.ts'
import { feelings } from './sentiment.ts'
import { tones } from './tone.ts'

/** Longer texts come in by an ingest. */
const mostContent = 200_000

export const AnalyzeContent = z
  .strictObject({
    content: z
      .string()
      .max(mostContent)
      .optional()
      .describe('Markdown or text, at most 200,000 characters; or `contentId`'),
    contentId: Id.optional().describe('A stored content; or `content`'),
  })
  .refine(({ content, contentId }) => (content === undefined) !== (contentId === undefined), {
    path: ['content'],
    message: 'must have content or contentId, and not both',
  })

export const ContentAnalysisId = z.strictObject({ id: Id.describe('The content’s id') })

const Span = z.object({
  part: z.enum(['title', 'body']),
  start: z.number().int().describe('UTF-16 units of the title or the body'),
  end: z.number().int(),
})

const findingOf = <Value extends z.ZodType>(value: Value) =>
  z.object({
    value,
    confidence: z.number().min(0).max(1),
    spans: z.array(Span).describe('The words that it was seen in'),
    method: z.string(),
    version: z.number().int(),
  })

const Texts = z.array(findingOf(z.string()))

const SecondOpinion = z
  .object({
    model: z.string(),
    tokens: z.number().int().describe('Of the prompt and the answer, counted too high rather than too low'),
    problem: z.string().nullable().describe('Why it has nothing to say; null where it has'),
    findings: z
      .array(z.object({ field: z.enum(opinionFields), value: z.string(), spans: z.array(Span) }))
      .readonly()
      .describe('Each with words that stand in the text'),
    targetAudience: z.string().nullable(),
    notInText: z.number().int().describe('Findings left out, for their words do not stand in the text'),
    differs: z
      .array(
        z.object({
          field: z.enum(comparedFields),
          analysis: z.array(z.string()).readonly(),
          model: z.array(z.string()).readonly(),
        }),
      )
      .readonly()
      .describe('Where it says another thing than the analysis; both are kept'),
  })
  .describe('What a language model saw in the same text; left out where none was asked')

const Analysis = z
  .object({
    version: z.number().int(),
    language: z.string().nullable().describe('ISO 639-1; null where nobody can tell, and the text is read as English'),
    frameworks: z.array(
      findingOf(z.enum(frameworks)).extend({
        roles: z.array(z.object({ role: z.string(), start: z.number().int(), end: z.number().int() })),
      }),
    ),
    hooks: z.array(findingOf(z.enum(hookTypes))),
    themes: Texts.describe('Keyphrases, the likeliest first'),
    painPoints: Texts,
    desires: Texts,
    sentiment: findingOf(z.object({ label: z.enum(feelings), score: z.number().min(-1).max(1) })).nullable(),
    tone: z.array(findingOf(z.enum(tones))),
    callToAction: Texts,
    keyInsights: Texts.describe('Sentences of the text itself'),
    readability: findingOf(
      z.object({
        words: z.number(),
        sentences: z.number(),
        lix: z.number(),
        readingEase: z.number().nullable(),
        grade: z.number().nullable(),
        minutes: z.number(),
      }),
    ).nullable(),
    targetAudience: z.null().describe('Only a language model can tell'),
    secondOpinion: SecondOpinion.optional(),
    leftOut: z
      .array(z.object({ fields: z.array(z.string()), reason: z.string() }))
      .describe('What could not be looked for, and why'),
  })
  .meta({ id: 'Analysis' })

export const ContentAnalysis = z.object({
  contentId: Id.nullable().describe('Null for a text that is not stored'),
  analyzedAt: z.string().nullable().describe('Null where it was analysed for this answer and not stored'),
  analysis: Analysis,
})

export const AnalysisHealth = z.object({
  status: z.enum(['ok', 'behind']).describe('Whether contents wait for their analysis'),
  analysisVersion: z.number().int(),
  patternsVersion: z.number().int(),
  contents: z.number().int(),
  analysed: z.number().int().describe('By this version'),
  patterns: z.number().int(),
  languageModel: z.boolean().describe('Whether a language model gives second opinions'),
})
