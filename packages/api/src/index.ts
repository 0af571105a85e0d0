export type { AnswerEvent } from './answer/answer.schema.ts'
export { answerQuestion } from './answer/answer.ts'
export { type IssueKey, issueKey, keysByCommand, revokeByCommand, rotateByCommand } from './api-keys/keys-by-command.ts'
export { localPrincipal } from './api-keys/local-principal.ts'
export { appJobs } from './app-jobs.ts'
export { type AppRouter, appRouter } from './app-router.ts'
export { type Access, accessRefusal, invalidKeyMessage } from './auth/access.ts'
export { createApiKey, readBearer } from './auth/api-key.ts'
export { createKeyRing, type KeyRing } from './auth/key-ring.ts'
export type { Principal } from './auth/principal.ts'
export { type CacheRules, createCacheRules, isBelow } from './cache-rules.ts'
export { findByAddress } from './contents/aliases.ts'
export { deleteContent, deleteContents } from './contents/contents.commands.ts'
export { getContent } from './contents/contents.queries.ts'
export type { Colleagues, Context, Deps, ProcedureLatency } from './context.ts'
export { type Embedder, EmbedderError } from './embedding/embedder.ts'
export { openFolderEmbedder } from './embedding/folder-embedder.ts'
export { fetchHubModel, isHubName } from './embedding/hub-model.ts'
export { createLocalEmbedder } from './embedding/local-embedder.ts'
export { createOpenAiEmbedder } from './embedding/openai-embedder.ts'
export {
  AppError,
  type ErrorReason,
  fieldError,
  type Issue,
  inputError,
  isOurFault,
  retryAfterSeconds,
  toTrpcError,
} from './errors.ts'
export { exampleIds, findExampleIds } from './example-ids.ts'
export { workerPart } from './health/add-up.ts'
export { findSourceStats } from './health/health.queries.ts'
export { localImportJob } from './imports/import.job.ts'
export type { ImportReport } from './imports/imports.schema.ts'
export { type ArchiveProgress, commandContext, storeArchive } from './imports/store-archive.ts'
export { chunkSpans, chunkText } from './ingest/chunk-text.ts'
export { registerModel } from './ingest/ingest.queries.ts'
export { type IngestOptions, type IngestReport, IngestStoppedError, ingest } from './ingest/ingest.ts'
export { parseLine, type Reject } from './ingest/parse-line.ts'
export { type Line, readLines } from './ingest/read-lines.ts'
export { invalidating } from './invalidating.ts'
export { type AnyJob, defineJob, JobError, JobLostError } from './jobs/define-job.ts'
export { enqueue, enqueueAll, jobsChannel } from './jobs/enqueue.ts'
export { cancelJob, retryJob } from './jobs/jobs.commands.ts'
export { getJob, isEnded, listJobs } from './jobs/jobs.queries.ts'
export type { RunReport } from './jobs/run-job.ts'
export { openWorker, type Worker, type WorkerStats } from './jobs/worker.ts'
export { createDatabaseLanes } from './lanes/database-lanes.ts'
export { type AnswerWriter, createOpenAiWriter } from './language-model/writer.ts'
export { createDatabaseLimiter } from './limits/database-limiter.ts'
export { type Bucket, createMemoryLimiter, type Limiter } from './limits/limiter.ts'
export type { Charge } from './limits/window.ts'
export { type Analyst, createAnalyst } from './patterns/analyst.ts'
export { analyseContents, findPatterns } from './patterns/find-patterns.ts'
export { followContents } from './patterns/follow-contents.ts'
export { decodeReceiptId } from './receipts/receipt-id.ts'
export { checkReceipt } from './receipts/receipts.ts'
export { createReplicaReads, type ReplicaReadCounts, type ReplicaReads } from './replica-reads/replica-reads.ts'
export { planReread, type RereadStep, rereadTexts } from './reread/reread.ts'
export { addSampleAccounts, removeSampleAccounts } from './sample/sample-accounts.ts'
export { parsePrompt } from './search/parse-prompt.ts'
export { passageCondition } from './search/passage-filter.ts'
export type { QueryWord } from './search/query-word.ts'
export { readCorpus, readQuestion } from './search/query-words.ts'
export { createSampledRecall, type SampledRecall } from './search/sampled-recall.ts'
export { efSearch, type SearchInput, type SearchResult, search } from './search/search.ts'
export { findFew, searchExactly, searchVectors, walkIndex } from './search/vector-leg.ts'
export { searchWords } from './search/word-leg.ts'
export { type Door, type Payload, sizeOfPayload } from './serving/payload.ts'
export { isReadBy, type Procedure, procedures, type Route } from './serving/procedures.ts'
export {
  type CacheStatus,
  isForEveryone,
  keyOf,
  peekPayload,
  type RequestTiming,
  type Served,
  serveQuery,
  type Verdict,
} from './serving/serve-query.ts'
export { createSpool, type ReceivedFile, type Spool } from './spool/spool.ts'
export { followWrites } from './subscriptions/follow-writes.ts'
export { createPayments, type Payments } from './tokens/payments.ts'
export { type LedgerReport, verifyLedger } from './tokens/verify-ledger.ts'
export type { Meta } from './trpc.ts'
export { embedPassages } from './vectors/embed-passages.ts'
export { countPassages } from './vectors/embedded-share.ts'
export { embeddingText } from './vectors/embedding-text.ts'
export { followPassages } from './vectors/follow-passages.ts'
export { storeKnownVectors } from './vectors/known-vectors.ts'
export type { WorkerPart } from './worker-part.ts'
