import { getAnalysed, readAnalysisHealth, type StoredContent } from '../analysis/analysis.queries.ts'
import { AnalysisHealth, AnalyzeContent, ContentAnalysis, ContentAnalysisId } from '../analysis/analysis.schema.ts'
import { recordAct } from '../audit/audit.ts'
import type { Context } from '../context.ts'
import { exampleIds } from '../example-ids.ts'
import { adminProcedure, publicProcedure, router } from '../trpc.ts'
import { analyseTexts } from './analyst.ts'
import { findPatterns, findPatternsAmong } from './find-patterns.ts'
import { patternsVersion } from './pattern.ts'
import { assertAuthor, findUnknownContents } from './patterns.queries.ts'
import { AnalyzeAuthor, AnalyzePatterns, AuthorAnalysis, FoundPatterns } from './patterns.schema.ts'

export const analysisRouter = router({
  content: publicProcedure
    .meta({
      summary: 'What a text is: hooks, frameworks, keyphrases, feelings and more, each finding with its words.',
      rest: ['POST /analyze/content'],
      example: {
        content: 'I struggled with slow builds for years. Then I deleted half of our code. Here is what happened.',
      },
      readsByPost: true,
    })
    .input(AnalyzeContent)
    .output(ContentAnalysis)
    .query(async ({ ctx, input: { content, contentId } }) =>
      contentId === undefined
        ? { contentId: null, ...(await analyse(ctx, { title: '', body: content ?? '' })) }
        : analysisOf(ctx, await getAnalysed(ctx.db, contentId, 'contentId')),
    ),

  byContent: publicProcedure
    .meta({
      summary: 'The analysis of a stored content.',
      rest: ['GET /api/contents/{id}/analysis'],
      example: { id: exampleIds.content },
    })
    .input(ContentAnalysisId)
    .output(ContentAnalysis)
    .query(async ({ ctx, input: { id } }) => analysisOf(ctx, await getAnalysed(ctx.db, id, 'id'))),

  patterns: publicProcedure
    .meta({
      summary:
        'Patterns among contents, of one author or of several: elaborations, themes, habits and reprints. Nothing is stored.',
      rest: ['POST /analyze/patterns'],
      example: { contentIds: [exampleIds.content] },
      readsByPost: true,
    })
    .input(AnalyzePatterns)
    .output(FoundPatterns)
    .query(async ({ ctx, input }) => {
      const ids = [...new Set(input.contentIds)].sort()
      const unknown = await findUnknownContents(ctx.db, ids)
      return { patterns: await findPatternsAmong(ctx, ids, { signal: ctx.signal }), unknown }
    }),

  author: adminProcedure
    .meta({
      summary: 'Analyses an author’s contents and finds the patterns among them, now.',
      rest: ['POST /api/authors/{id}/analyze'],
      example: { id: exampleIds.author },
    })
    .input(AnalyzeAuthor)
    .output(AuthorAnalysis)
    .mutation(async ({ ctx, input: { id } }) => {
      const { contentCount: contents } = await assertAuthor(ctx.db, id)
      const patterns = await findPatterns(ctx, id, { signal: ctx.signal })
      await recordAct(ctx.db, ctx, { action: 'authors.analyze', target: id })
      const byType = Map.groupBy(patterns, ({ type }) => type)
      return { authorId: id, contents, patterns: [...byType].map(([type, all]) => ({ type, count: all.length })) }
    }),

  health: publicProcedure
    .meta({ summary: 'How far the analysis of contents is.', rest: ['GET /analyze/health'] })
    .output(AnalysisHealth)
    .query(({ ctx }) => {
      const languageModel = ctx.writer !== undefined && (ctx.analysisTokensPerDay ?? 0) > 0
      return readAnalysisHealth(ctx.db, { patternsVersion, languageModel })
    }),
})

async function analysisOf(ctx: Context, content: StoredContent) {
  const { id: contentId, analysis, analyzedAt } = content
  return analysis === null ? { contentId, ...(await analyse(ctx, content)) } : { contentId, analysis, analyzedAt }
}

async function analyse({ analyst, signal }: Context, text: { title: string; body: string; language?: string | null }) {
  const [analysis] = await analyseTexts(analyst, [text], { signal })
  if (analysis === undefined) throw new Error('the analyst answered nothing')
  return { analysis, analyzedAt: null }
}
