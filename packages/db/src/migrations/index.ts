import type { Kysely } from 'kysely'
import * as extensions from './0001-extensions.ts'
import * as contents from './0002-contents.ts'
import * as accountsAndCards from './0003-accounts-and-cards.ts'
import * as ledger from './0004-ledger.ts'
import * as statementStatistics from './0005-statement-statistics.ts'
import * as movementsAndAudit from './0006-movements-and-audit.ts'
import * as wordIndex from './0010-word-index.ts'
import * as wordIndexLookups from './0011-word-index-lookups.ts'
import * as announceChanges from './0012-announce-changes.ts'
import * as movementsTogether from './0013-movements-together.ts'
import * as widerTotals from './0014-wider-totals.ts'
import * as searchText from './0015-search-text.ts'
import * as sourceUrls from './0016-source-urls.ts'
import * as cardWords from './0017-card-words.ts'
import * as databaseIdentity from './0018-database-identity.ts'
import * as wordCounts from './0019-word-counts.ts'
import * as vectorsFollow from './0020-vectors-follow.ts'
import * as jobs from './0021-jobs.ts'
import * as intake from './0022-intake.ts'
import * as analysis from './0023-analysis.ts'
import * as researchRuns from './0024-research-runs.ts'
import * as hostLanes from './0025-host-lanes.ts'
import * as webhooks from './0027-webhooks.ts'
import * as subscriptions from './0028-subscriptions.ts'
import * as auditByMonth from './0029-audit-by-month.ts'
import * as attributionProposals from './0030-attribution-proposals.ts'
import * as contentOrigins from './0032-content-origins.ts'
import * as rateLimits from './0034-rate-limits.ts'

export interface TypedMigration {
  up(db: Kysely<unknown>): Promise<void>
  down(db: Kysely<unknown>): Promise<void>
  /** Default true. False for what PostgreSQL refuses inside a transaction; such a step must be safe to run twice. */
  readonly transaction?: boolean
}

/** In order of their names. A merged migration is never edited: write the next one. */
export const migrations: Readonly<Record<string, TypedMigration>> = {
  '0001-extensions': extensions,
  '0002-contents': contents,
  '0003-accounts-and-cards': accountsAndCards,
  '0004-ledger': ledger,
  '0005-statement-statistics': statementStatistics,
  '0006-movements-and-audit': movementsAndAudit,
  '0010-word-index': wordIndex,
  '0011-word-index-lookups': wordIndexLookups,
  '0012-announce-changes': announceChanges,
  '0013-movements-together': movementsTogether,
  '0014-wider-totals': widerTotals,
  '0015-search-text': searchText,
  '0016-source-urls': sourceUrls,
  '0017-card-words': cardWords,
  '0018-database-identity': databaseIdentity,
  '0019-word-counts': wordCounts,
  '0020-vectors-follow': vectorsFollow,
  '0021-jobs': jobs,
  '0022-intake': intake,
  '0023-analysis': analysis,
  '0024-research-runs': researchRuns,
  '0025-host-lanes': hostLanes,
  '0027-webhooks': webhooks,
  '0028-subscriptions': subscriptions,
  '0029-audit-by-month': auditByMonth,
  '0030-attribution-proposals': attributionProposals,
  '0032-content-origins': contentOrigins,
  '0034-rate-limits': rateLimits,
}
