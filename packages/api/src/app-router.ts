import { answerProcedures } from './answer/answer.router.ts'
import { apiKeysRouter } from './api-keys/api-keys.router.ts'
import { attributionsRouter } from './attributions/attributions.router.ts'
import { auditRouter } from './audit/audit.router.ts'
import { authorsRouter } from './authors/authors.router.ts'
import { cardsRouter } from './cards/cards.router.ts'
import { archivesRouter } from './collection-archive/archive.router.ts'
import { contentsRouter } from './contents/contents.router.ts'
import { healthRouter } from './health/health.router.ts'
import { importsRouter } from './imports/imports.router.ts'
import { jobsRouter } from './jobs/jobs.router.ts'
import { analysisRouter } from './patterns/analysis.router.ts'
import { patternsRouter } from './patterns/patterns.router.ts'
import { receiptsRouter } from './receipts/receipts.router.ts'
import { researchSessionsRouter } from './research-sessions/research-sessions.router.ts'
import { scrapeRouter } from './scrape/scrape.router.ts'
import { searchProcedures } from './search/search.router.ts'
import { sourcesRouter } from './sources/sources.router.ts'
import { subscriptionsRouter } from './subscriptions/subscriptions.router.ts'
import { tokensRouter } from './tokens/tokens.router.ts'
import { router } from './trpc.ts'
import { archiveProcedures } from './user-archive/archive.router.ts'
import { usersProcedures } from './users/users.router.ts'
import { webhooksRouter } from './webhooks/webhooks.router.ts'

export const appRouter = router({
  analysis: analysisRouter,
  archives: archivesRouter,
  attributions: attributionsRouter,
  audit: auditRouter,
  authors: authorsRouter,
  cards: cardsRouter,
  contents: contentsRouter,
  health: healthRouter,
  imports: importsRouter,
  jobs: jobsRouter,
  keys: apiKeysRouter,
  patterns: patternsRouter,
  query: router({ ...searchProcedures, ...answerProcedures }),
  receipts: receiptsRouter,
  researchSessions: researchSessionsRouter,
  scrape: scrapeRouter,
  sources: sourcesRouter,
  subscriptions: subscriptionsRouter,
  tokens: tokensRouter,
  users: router({ ...usersProcedures, ...archiveProcedures }),
  webhooks: webhooksRouter,
})

export type AppRouter = typeof appRouter
