export { type AnswerWriter, createOpenAiWriter } from './answer/writer.ts'
export { type Answer, sizeOfAnswer } from './answers/answer.ts'
export {
  type Answered,
  answerQuery,
  type CallTiming,
  isForEveryone,
  keyOf,
  peekAnswer,
  type Verdict,
} from './answers/answer-query.ts'
export { isReadBy } from './answers/cache-rules.ts'
export { invalidating } from './answers/invalidating.ts'
export { type IssueKey, issueKey } from './api-keys/issue-key.ts'
export { type AppRouter, appRouter } from './app-router.ts'
export { type Access, invalidKeyMessage } from './auth/access.ts'
export { createApiKey, readBearer } from './auth/api-key.ts'
export { createKeyRing, type KeyRing } from './auth/key-ring.ts'
export type { Principal } from './auth/principal.ts'
export type { Context, Deps, ProcedureLatency } from './context.ts'
export { type Embedder, EmbedderError } from './embedding/embedder.ts'
export { createLocalEmbedder } from './embedding/local-embedder.ts'
export { createOpenAiEmbedder } from './embedding/openai-embedder.ts'
export { AppError, type ErrorReason, type Issue, retryAfterSeconds, toTrpcError } from './errors.ts'
export { registerModel } from './ingest/ingest.queries.ts'
export { type IngestReport, ingest, type Reject } from './ingest/ingest.ts'
export { readLines } from './ingest/read-lines.ts'
export { searchConfigOf, spaceWords } from './language/language.ts'
export { createMemoryLimiter, type Limiter } from './limits/limiter.ts'
export type { Charge } from './limits/window.ts'
export { type Procedure, procedures } from './procedures.ts'
export { parsePrompt } from './query/parse-prompt.ts'
export { passageCondition } from './query/passage-filter.ts'
export { type QueryWord, readCorpus, readQuestion } from './query/query-words.ts'
export { createSampledRecall, type SampledRecall } from './query/sampled-recall.ts'
export { efSearch, type SearchInput, type SearchResult, search } from './query/search.ts'
export { findFew, searchExactly, searchVectors, walkIndex } from './query/vector-leg.ts'
export { searchWords } from './query/word-leg.ts'
export { createPayments, type Payments } from './tokens/payments.ts'
export { type LedgerReport, verifyLedger } from './tokens/verify-ledger.ts'
export type { Meta, RestRoute } from './trpc.ts'
