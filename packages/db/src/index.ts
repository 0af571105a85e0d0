export { makeArchiveFolder } from './archive-folder.ts'
export { announceChanges } from './changes/announce-changes.ts'
export {
  type ChangeChannel,
  type Changed,
  createLocalChangeChannel,
  openChangeChannel,
} from './changes/change-channel.ts'
export { readDatabaseId } from './changes/database-id.ts'
export { type Notifications, openNotifications } from './changes/notifications.ts'
export { toCamelCase, toSnakeCase } from './column-names.ts'
export {
  createDatabase,
  type DatabaseHandle,
  type DatabaseOptions,
  type DatabaseStats,
  type RanStatement,
} from './create-db.ts'
export { type Database, tables } from './database.ts'
export type { Column } from './define-table.ts'
export { rawRead, rawWrite } from './dependencies/declared-sql.ts'
export { createRecorder, type Touched } from './dependencies/recorder.ts'
export { tagsOfAnything } from './dependencies/write-tags.ts'
export { hotRead } from './driver/hot-read.ts'
export {
  type CommitGuard,
  type DatabaseTiming,
  scopeBehind,
  withCascadesDone,
  withScope,
  withSignal,
  withTouched,
} from './driver/scopes.ts'
export { onePlan } from './driver/statement-names.ts'
export { embeddedFolder } from './embedded.ts'
export { DataFolderError, doorFile, isFolderHeld } from './folder-lock.ts'
export { DatabaseNotEmptyError, type GenerateProgress, generate } from './generate/generate.ts'
export { type HashedMovement, ledgerHash } from './ledger-hash.ts'
export { analyzeTables } from './maintenance/analyze.ts'
export { deadRows } from './maintenance/dead-rows.ts'
export { type IndexReport, indexReport } from './maintenance/index-report.ts'
export { findsRoom, readDatabaseReadiness } from './maintenance/readiness.ts'
export { NoStatementStatisticsError, slowQueries } from './maintenance/slow-queries.ts'
export {
  BehindPoolerError,
  type MigrateOptions,
  type MigrateStep,
  MigrationLockError,
  migrate,
  migrateDown,
  migrationsOfNewer,
  planMigration,
  UnknownMigrationError,
} from './migrate.ts'
export { attachMonthFile, writeArchivedMonths } from './month-files.ts'
export {
  ArchivedMonthError,
  addMonths,
  attachPartition,
  createPartitions,
  detachPartitions,
  listPartitions,
} from './partitions.ts'
export {
  BusyError,
  CannotConnectError,
  DatabaseUnavailableError,
  isRefusedData,
  isUnavailable,
  sqlState,
  sqlStates,
} from './pg-errors.ts'
export { formatLsn, isLater, type LogPlace, type Lsn, parseLsn } from './replication/lsn.ts'
export type { ChosenReplica, ReplicaChange, ReplicaStats, Replicas } from './replication/replicas.ts'
export { findAddress, type ServerAddress } from './replication/replication.ts'
export { namedServers, serverUrlProblem } from './replication/server-urls.ts'
export { assertNoTables, protectHistory } from './restored.ts'
export { type ApiKeyScope, apiKeyScopes } from './tables/api-keys.table.ts'
export { type AttributionType, attributionTypes } from './tables/attributions.table.ts'
export { type PrivacyLevel, privacyLevels, publishableLevels } from './tables/cards.table.ts'
export { type AliasReason, aliasReasons } from './tables/content-aliases.table.ts'
export { exactVectorsUpTo } from './tables/content-chunks.table.ts'
export type { EmbeddingModelRow } from './tables/embedding-models.table.ts'
export { type TransactionType, transactionTypes } from './tables/extropy-ledger.table.ts'
export { fetchOutcomes } from './tables/fetches.table.ts'
export { type JobLogLine, type JobStatus, jobStatuses } from './tables/jobs.table.ts'
export { patternTypes } from './tables/patterns.table.ts'
export { type Platform, platforms } from './tables/platforms.ts'
export { type ResearchBudget, researchStatuses } from './tables/research-sessions.table.ts'
export { type SourceStatus, sourceStatuses } from './tables/sources.table.ts'
export {
  type SubscribedItem,
  type SubscriptionChange,
  type SubscriptionKind,
  subscriptionKinds,
} from './tables/subscriptions.table.ts'
export { accountColumns } from './tables/users.table.ts'
export {
  type DeliveryAttempt,
  type DeliveryStatus,
  deliveryStatuses,
  type WebhookStatus,
  webhookStatuses,
} from './tables/webhooks.table.ts'
