import type { Table } from './define-table.ts'
import { type ApiKeysTable, apiKeys } from './tables/api-keys.table.ts'
import { type AttributionProposalsTable, attributionProposals } from './tables/attribution-proposals.table.ts'
import { type AttributionsTable, attributions } from './tables/attributions.table.ts'
import { type AuditLogTable, auditLog } from './tables/audit-log.table.ts'
import { type AuthorsTable, authors } from './tables/authors.table.ts'
import { type CardsTable, cards } from './tables/cards.table.ts'
import {
  type ContentAliasesTable,
  type ContentTextHashesTable,
  contentAliases,
  contentTextHashes,
} from './tables/content-aliases.table.ts'
import { type ContentAuthorsTable, contentAuthors } from './tables/content-authors.table.ts'
import { type ContentChunksTable, contentChunks } from './tables/content-chunks.table.ts'
import {
  type ContentOriginsTable,
  contentOrigins,
  type RawDocumentsTable,
  rawDocuments,
} from './tables/content-origins.table.ts'
import { type ContentsTable, contents } from './tables/contents.table.ts'
import { type DatabaseIdentityTable, databaseIdentity } from './tables/database-identity.table.ts'
import { type EmbeddingModelsTable, embeddingModels } from './tables/embedding-models.table.ts'
import {
  type ExtropyLedgerKeysTable,
  type ExtropyLedgerTable,
  extropyLedger,
  extropyLedgerKeys,
} from './tables/extropy-ledger.table.ts'
import { type FetchesTable, fetches, type LooksTable, looks } from './tables/fetches.table.ts'
import { type HostLanesTable, hostLanes } from './tables/host-lanes.table.ts'
import { type JobCheckpointsTable, type JobsTable, jobCheckpoints, jobs } from './tables/jobs.table.ts'
import { type MoneyRequestsTable, moneyRequests } from './tables/money-requests.table.ts'
import { type PatternContentsTable, type PatternsTable, patternContents, patterns } from './tables/patterns.table.ts'
import { type RateLimitsTable, rateLimits } from './tables/rate-limits.table.ts'
import { type ResearchSessionsTable, researchSessions } from './tables/research-sessions.table.ts'
import {
  type SearchConfigChangesTable,
  type SearchConfigsTable,
  type SearchPostingsTable,
  type SearchTermChangesTable,
  type SearchTermsTable,
  searchConfigChanges,
  searchConfigs,
  searchPostings,
  searchTermChanges,
  searchTerms,
} from './tables/search-index.table.ts'
import { type SourcesTable, sources } from './tables/sources.table.ts'
import {
  type SubscriptionChangesTable,
  type SubscriptionsTable,
  subscriptionChanges,
  subscriptions,
} from './tables/subscriptions.table.ts'
import { type TextVersionsTable, textVersions } from './tables/text-versions.table.ts'
import { type UsersTable, users } from './tables/users.table.ts'
import { type VectorClaimsTable, vectorClaims } from './tables/vector-claims.table.ts'
import {
  type WebhookDeliveriesTable,
  type WebhooksTable,
  webhookDeliveries,
  webhooks,
} from './tables/webhooks.table.ts'

/** Table name to table type: Kysely checks every query against it. */
export interface Database {
  apiKeys: ApiKeysTable
  attributionProposals: AttributionProposalsTable
  attributions: AttributionsTable
  auditLog: AuditLogTable
  authors: AuthorsTable
  cards: CardsTable
  contentAliases: ContentAliasesTable
  contentAuthors: ContentAuthorsTable
  contentChunks: ContentChunksTable
  contentTextHashes: ContentTextHashesTable
  contentOrigins: ContentOriginsTable
  rawDocuments: RawDocumentsTable
  contents: ContentsTable
  databaseIdentity: DatabaseIdentityTable
  embeddingModels: EmbeddingModelsTable
  extropyLedger: ExtropyLedgerTable
  extropyLedgerKeys: ExtropyLedgerKeysTable
  fetches: FetchesTable
  hostLanes: HostLanesTable
  rateLimits: RateLimitsTable
  jobCheckpoints: JobCheckpointsTable
  jobs: JobsTable
  looks: LooksTable
  moneyRequests: MoneyRequestsTable
  patternContents: PatternContentsTable
  patterns: PatternsTable
  researchSessions: ResearchSessionsTable
  searchConfigChanges: SearchConfigChangesTable
  searchConfigs: SearchConfigsTable
  searchPostings: SearchPostingsTable
  searchTermChanges: SearchTermChangesTable
  searchTerms: SearchTermsTable
  sources: SourcesTable
  subscriptionChanges: SubscriptionChangesTable
  subscriptions: SubscriptionsTable
  textVersions: TextVersionsTable
  users: UsersTable
  vectorClaims: VectorClaimsTable
  webhookDeliveries: WebhookDeliveriesTable
  webhooks: WebhooksTable
}

/** The same tables as values, for the drift check and the index builder. */
export const tables: readonly Table[] = [
  apiKeys,
  attributionProposals,
  attributions,
  auditLog,
  authors,
  cards,
  contentAliases,
  contentAuthors,
  contentChunks,
  contentTextHashes,
  rawDocuments,
  contentOrigins,
  contents,
  databaseIdentity,
  embeddingModels,
  extropyLedger,
  extropyLedgerKeys,
  fetches,
  hostLanes,
  rateLimits,
  jobCheckpoints,
  jobs,
  looks,
  moneyRequests,
  patternContents,
  patterns,
  researchSessions,
  searchConfigChanges,
  searchConfigs,
  searchPostings,
  searchTermChanges,
  searchTerms,
  sources,
  subscriptionChanges,
  subscriptions,
  textVersions,
  users,
  vectorClaims,
  webhookDeliveries,
  webhooks,
]
