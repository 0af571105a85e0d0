import { createHash } from 'node:crypto'
import type { Database } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import { listApiKeys } from '../api-keys/api-keys.queries.ts'
import { getAttributionGraph } from '../attributions/attribution-graph.queries.ts'
import { countBacklinks, getAttribution, listBacklinks, listReceived } from '../attributions/attributions.queries.ts'
import { listProposals } from '../attributions/proposals.queries.ts'
import { listAuditLog } from '../audit/audit.queries.ts'
import { findActiveKey } from '../auth/find-active-key.ts'
import { getAuthor, listAuthors } from '../authors/authors.queries.ts'
import { countCards, getCard, listOwnCards, listPublishedCards } from '../cards/cards.queries.ts'
import { getContent, listContents } from '../contents/contents.queries.ts'
import { listJobs } from '../jobs/jobs.queries.ts'
import { claimJobs } from '../jobs/queue.ts'
import { findSnapshot, listOrigins } from '../looks/origins.ts'
import { getPattern, listPatterns } from '../patterns/patterns.queries.ts'
import { findLikeCards } from '../proposals/like-cards.queries.ts'
import { getResearchSession, listResearchSessions } from '../research-sessions/research-sessions.queries.ts'
import { findNearTerms } from '../search/near-terms.ts'
import { type PassageFilter, passageCondition } from '../search/passage-filter.ts'
import { findDue, listFetches, listSources } from '../sources/sources.queries.ts'
import { listChanges, listSubscriptions } from '../subscriptions/subscriptions.queries.ts'
import { getBalance, getTokenStats, listLedger } from '../tokens/tokens.queries.ts'
import { findUserByUsername, getUser, listUsers } from '../users/users.queries.ts'
import { findNext } from '../webhooks/deliver.job.ts'
import { listDeliveries, listWebhooks } from '../webhooks/webhooks.queries.ts'

const limit = 20
const viewerId = null

/** Ids that the generated data has, of the busy ones: a plan for a rare value would be too easy. */
export interface Sample {
  userId: string
  cardId: string
  contentId: string
  parentCardId: string
  authorId: string
  patternId: string
  sessionId: string
  attributionId: string
  contentWithAuthorsId: string
}

export type Read = (db: Kysely<Database>, sample: Sample) => Promise<unknown>

/** The query that each index serves, by the index's name. */
export const readsByIndex: Record<string, Read> = {
  idx_contents_scraped_at_desc: (db) => listContents(db, { limit }),
  idx_contents_platform_scraped: (db) => listContents(db, { limit, platform: 'reddit' }),
  // An operator's question: how far the analysis and the embedding have come.
  idx_contents_analyzed_at_not_null: (db) =>
    sql`select count(*), max(analyzed_at) from contents where analyzed_at is not null`.execute(db),
  // followContents, which also leaves out those without a vector.
  idx_contents_analysis_waiting: (db) =>
    sql`select id from contents where analysis_version < 1 order by analysis_version, scraped_at desc limit 64`.execute(
      db,
    ),
  idx_contents_embedding_not_null: (db) => sql`select count(*) from contents where embedding is not null`.execute(db),
  idx_authors_username_trigram: (db) => listAuthors(db, { limit, search: 'mountain_music' }),
  idx_authors_display_name_trigram: (db) => listAuthors(db, { limit, search: 'mountain_music' }),
  idx_content_authors_author_id: (db, { authorId }) =>
    db
      .selectFrom('contentAuthors')
      .select(({ fn }) => fn.countAll().as('count'))
      .where('authorId', '=', authorId)
      .execute(),
  idx_patterns_confidence_score_desc: (db) => listPatterns(db, { limit, sort: 'confidence' }),
  idx_patterns_discovered_at_desc: (db) => listPatterns(db, { limit, sort: 'discovered' }),
  idx_patterns_author_discovered_desc: (db, { authorId }) => listPatterns(db, { limit, sort: 'discovered', authorId }),
  idx_patterns_type_discovered_desc: (db) => listPatterns(db, { limit, sort: 'discovered', type: 'framework' }),
  // PostgreSQL's own query for each content that is deleted.
  idx_pattern_contents_content_id: (db, { contentId }) =>
    db.selectFrom('patternContents').select('patternId').where('contentId', '=', contentId).execute(),
  idx_research_sessions_created_desc: (db) => listResearchSessions(db, { limit }),
  idx_research_sessions_status_created: (db) => listResearchSessions(db, { limit, status: 'in_progress' }),
  idx_research_sessions_user_created_desc: (db, { userId }) => listResearchSessions(db, { limit, userId }),
  idx_jobs_queued: (db) => claimJobs(db, { deadlinesMs: new Map([['test.kind7', 1000]]), most: 1, leaseMs: 1000 }),
  // The query of readQueueStats; claims count the lanes of these.
  idx_jobs_running: (db) => sql`select count(*) from jobs where status = 'running'`.execute(db),
  // The query of an enqueue whose key is taken.
  idx_jobs_singleton: (db) =>
    sql`select id from jobs where kind = 'test.kind7' and singleton_key = '7' and status in ('queued', 'running')`.execute(
      db,
    ),
  idx_jobs_created_desc: (db) => listJobs(db, { limit }),
  idx_jobs_user_created_desc: (db, { userId }) => listJobs(db, { limit, userId }),
  idx_jobs_status_created_desc: (db) => listJobs(db, { limit, status: 'dead' }),
  idx_jobs_kind_created_desc: (db) => listJobs(db, { limit, kind: 'test.kind7' }),
  // The query of jobs.prune.
  idx_jobs_finished: (db) =>
    sql`select id from jobs where finished_at < now() - interval '30 days' limit 1000`.execute(db),
  idx_sources_due: (db) => findDue(db, { now: new Date('2020-01-01'), most: 10 }),
  idx_sources_created_desc: (db) => listSources(db, { limit }),
  idx_sources_status_created_desc: (db) => listSources(db, { limit, status: 'gone' }),
  // PostgreSQL's own query for each user that is deleted.
  idx_sources_added_by: (db, { userId }) =>
    db.selectFrom('sources').select('id').where('addedBy', '=', userId).execute(),
  idx_fetches_source_fetched_desc: (db) => listFetches(db, { limit, id: '00000000-0000-4000-8000-000000000007' }),
  // PostgreSQL's own query for each content that is deleted.
  idx_content_aliases_content_id: (db, { contentId }) =>
    db.selectFrom('contentAliases').select('url').where('contentId', '=', contentId).execute(),
  // The query of `identify`.
  idx_content_text_hashes_text_hash: (db) =>
    db.selectFrom('contentTextHashes').select('contentId').where('textHash', '=', 'hash7').execute(),
  // The query of content_origins_drop_document, for each content that is deleted.
  idx_content_origins_first_met: (db) =>
    sql`select from content_origins where platform = 'web' and target = 'x' and first_met_at > now()`.execute(db),
  idx_content_origins_document_hash: (db) => sql`select from content_origins where document_hash = '\\x07'`.execute(db),
  idx_subscriptions_user_created_desc: (db, { userId }) => listSubscriptions(db, userId, { limit }),
  // The query of `followWrites`.
  idx_subscriptions_tags: (db) =>
    sql`select id from subscriptions where tags && array['*', 'contents.id=7']`.execute(db),
  // The query of subscriptions.prune.
  idx_subscription_changes_created: (db) =>
    sql`select id from subscription_changes where created_at < now() - interval '1 year' order by created_at limit 1000`.execute(
      db,
    ),
  idx_subscription_changes_created_desc: (db) => listChanges(db, { limit, id: '00000000-0000-4000-8000-000000000013' }),
  idx_webhooks_user_created_desc: (db, { userId }) => listWebhooks(db, userId, { limit }),
  idx_webhook_deliveries_pending: (db) => findNext(db, '00000000-0000-4000-8000-000000000012'),
  idx_webhook_deliveries_created_desc: (db) =>
    listDeliveries(db, { limit, id: '00000000-0000-4000-8000-000000000012' }),
  // The query of webhooks.prune.
  idx_webhook_deliveries_ended: (db) =>
    sql`select id from webhook_deliveries where queued_at < now() - interval '30 days' and status <> 'pending' limit 1000`.execute(
      db,
    ),
  // PostgreSQL's own query for each job that is deleted.
  idx_research_sessions_job_id: (db, { userId }) =>
    db.selectFrom('researchSessions').select('id').where('jobId', '=', userId).execute(),
  // The query for each new account: whether the address is taken.
  idx_users_email_lower: (db) => sql`select id from users where lower(email) = 'user.7@example.org'`.execute(db),
  idx_users_username_lower: (db) => findUserByUsername(db, 'USER_7'),
  idx_users_created_desc: (db) => listUsers(db, { limit }),
  idx_users_username_trigram: (db) => listUsers(db, { limit, search: 'mountain_music' }),
  idx_users_display_name_trigram: (db) => listUsers(db, { limit, search: 'mountain_music' }),
  idx_api_keys_hash_active: (db) => findActiveKey(db, createHash('sha256').update('extro_live_7').digest()),
  // PostgreSQL's own query for each key that is deleted.
  idx_api_keys_rotated_from_id: (db, { userId }) =>
    db.selectFrom('apiKeys').select('id').where('rotatedFromId', '=', userId).execute(),
  idx_api_keys_user_created_desc: (db, { userId }) => listApiKeys(db, { limit, userId }),
  idx_audit_log_created_desc: (db) => listAuditLog(db, { limit }),
  idx_audit_log_actor_created_desc: (db, { userId }) => listAuditLog(db, { limit, actorUserId: userId }),
  idx_cards_user_created_desc: (db, { userId }) => listOwnCards(db, { limit, userId }),
  idx_cards_published_desc: (db) => listPublishedCards(db, { limit }),
  idx_cards_user_published_desc: (db, { userId }) => listPublishedCards(db, { limit, userId }),
  idx_cards_category_published_desc: (db) => listPublishedCards(db, { limit, category: 'music' }),
  idx_cards_tags_published: (db) => listPublishedCards(db, { limit, tag: 'seldom' }),
  idx_cards_search_published: (db) => listPublishedCards(db, { limit, search: 'term4711' }),
  idx_cards_content_published_desc: (db, { contentId }) => listPublishedCards(db, { limit, contentId }),
  idx_cards_parent_published_desc: (db, { parentCardId }) => listPublishedCards(db, { limit, parentCardId }),
  idx_attributions_source_created_desc: (db, { cardId }) => listBacklinks(db, { limit, cardId, viewerId }),
  idx_attributions_target_created_desc: (db, { cardId }) => getAttributionGraph(db, { cardId, depth: 3, viewerId }),
  idx_attributions_source_user_created_desc: (db, { userId }) => listReceived(db, { limit, userId, viewerId }),
  idx_attribution_proposals_target_user_created_desc: (db, { userId }) => listProposals(db, { limit, userId }),
  // PostgreSQL's own query for each card that is deleted.
  idx_attribution_proposals_target_card: (db, { cardId }) =>
    db.selectFrom('attributionProposals').select('id').where('targetCardId', '=', cardId).execute(),
  idx_extropy_ledger_user_type_created: (db, { userId }) => listLedger(db, { limit, userId }),
  idx_extropy_ledger_from_type_created: (db, { userId }) => listLedger(db, { limit, userId }),
  // The count in `countPassages`; its other tables have a row or two.
  idx_content_chunks_embedding_model: (db) =>
    sql`select count(*) from content_chunks where embedding_model_id is null`.execute(db),
  idx_content_chunks_search_vector: (db) => passagesWith(db, { phrases: ['term4711'] }),
  idx_content_chunks_platform_published: (db) =>
    passagesWith(db, { platform: 'reddit', publishedAfter: '2026-05-30T00:00:00Z' }),
  idx_content_chunks_published_at: (db) => passagesWith(db, { publishedAfter: '2026-05-30T00:00:00Z' }),
  idx_content_chunks_author_ids: (db) => passagesWith(db, { author: 'author_77' }),
  idx_content_chunks_tags: (db) => passagesWith(db, { tags: ['seldom'] }),
  // The query in extropy_near_terms.
  idx_search_terms_lexeme_trigram: (db) =>
    sql`select id from search_terms where lexeme % 'trem4711' and passage_count > 0`.execute(db),
  idx_search_term_changes_term_id: (db) => nearTerms(db),
}

/** The search legs' own condition, by itself. */
function passagesWith(db: Kysely<Database>, filter: PassageFilter) {
  return sql`select id from content_chunks where ${passageCondition(filter, ['english'])}`.execute(db)
}

/** A slip's trigrams, and its swaps: one statement. */
function nearTerms(db: Kysely<Database>) {
  return findNearTerms(
    db,
    [{ lexemes: 'trem4711', termIds: [], passageCount: 0, count: 1, similarity: 1 }],
    ['english', 'german'],
  )
}

const likeCard = { id: '', title: 'term4711 and term77', body: 'system', publishedAt: '2026-01-01T00:00:00Z' }

/** Reads that a primary key or a unique constraint serves. */
export const otherReads: [constraint: string, read: Read][] = [
  ['users_pkey', (db, { userId }) => getUser(db, userId)],
  ['users_pkey', (db, { userId }) => getBalance(db, userId)],
  ['cards_pkey', (db, { cardId }) => getCard(db, { id: cardId, viewerId })],
  ['contents_pkey', (db, { contentWithAuthorsId }) => getContent(db, contentWithAuthorsId)],
  ['content_origins_pkey', (db, { contentId }) => listOrigins(db, contentId)],
  ['content_origins_pkey', (db, { contentId }) => findSnapshot(db, contentId)],
  ['authors_pkey', (db, { authorId }) => getAuthor(db, authorId)],
  ['research_sessions_pkey', (db, { sessionId }) => getResearchSession(db, { id: sessionId })],
  ['patterns_pkey', (db, { patternId }) => getPattern(db, patternId)],
  ['attributions_pkey', (db, { attributionId }) => getAttribution(db, { id: attributionId, viewerId })],
  ['authors_platform_username_key', (db) => listAuthors(db, { limit })],
  ['idx_attributions_source_created_desc', (db, { cardId }) => countBacklinks(db, { cardId, viewerId })],
  ['idx_cards_user_created_desc', (db, { userId }) => countCards(db, userId)],
  ['users_pkey', (db, { userId }) => getTokenStats(db, userId)],
  ['idx_cards_search_published', (db, { userId }) => findLikeCards(db, { ...likeCard, userId })],
  ['search_terms_search_config_lexeme_key', (db) => nearTerms(db)],
]

/** The busiest user, the most cited card and so on, in generated data. */
export async function readSample(db: Kysely<Database>): Promise<Sample> {
  const { rows } = await sql<Sample>`
    select (select user_id from cards group by user_id order by count(*) desc limit 1) as user_id,
           (select source_card_id from attributions group by 1 order by count(*) desc limit 1) as card_id,
           (select content_id from cards where content_id is not null group by 1 order by count(*) desc limit 1) as content_id,
           (select content_id from content_authors limit 1) as content_with_authors_id,
           (select parent_card_id from cards where parent_card_id is not null group by 1 order by count(*) desc limit 1)
             as parent_card_id,
           (select author_id from content_authors group by 1 order by count(*) desc limit 1) as author_id,
           (select id from patterns limit 1) as pattern_id,
           (select id from research_sessions limit 1) as session_id,
           (select id from attributions limit 1) as attribution_id`.execute(db)
  return rows[0] as Sample
}

/** Samples picked at random, the same ones each time, busy or not. */
export async function readSamples(db: Kysely<Database>, count: number): Promise<Sample[]> {
  const { rows } = await sql<Sample>`
    select users.id as user_id, cards.id as card_id, contents.id as content_id, cards.id as parent_card_id,
           authors.id as author_id, patterns.id as pattern_id, research_sessions.id as session_id,
           attributions.id as attribution_id, contents.id as content_with_authors_id
    from (select id, row_number() over (order by id) as n from users order by id limit ${count}) as users
    ${sql.join(
      ['cards', 'contents', 'authors', 'patterns', 'research_sessions', 'attributions'].map((name) => {
        const table = sql.id(name)
        const condition = sql.raw(name === 'cards' ? 'where is_published' : '')
        return sql`join (select id, row_number() over (order by id) as n from ${table} ${condition} order by id limit ${count}) as ${table} using (n)`
      }),
      sql`\n`,
    )}`.execute(db)
  return rows
}

/** The reads that a caller asks for, for the benchmark: by name. */
export const scaleReads: Record<string, Read> = {
  'contents: list': (db) => listContents(db, { limit }),
  'contents: list of a platform': (db) => listContents(db, { limit, platform: 'reddit' }),
  'contents: list of an author': (db, { authorId }) => listContents(db, { limit, authorId }),
  'contents: one': (db, { contentId }) => getContent(db, contentId),
  'authors: list': (db) => listAuthors(db, { limit }),
  'authors: search': (db) => listAuthors(db, { limit, search: 'mountain_music' }),
  'authors: one': (db, { authorId }) => getAuthor(db, authorId),
  'patterns: newest': (db) => listPatterns(db, { limit, sort: 'discovered' }),
  'patterns: surest': (db) => listPatterns(db, { limit, sort: 'confidence' }),
  'patterns: of an author': (db, { authorId }) => listPatterns(db, { limit, sort: 'discovered', authorId }),
  'patterns: of a type': (db) => listPatterns(db, { limit, sort: 'discovered', type: 'hook' }),
  'patterns: one': (db, { patternId }) => getPattern(db, patternId),
  'research sessions: list': (db) => listResearchSessions(db, { limit }),
  'research sessions: of a status': (db) => listResearchSessions(db, { limit, status: 'in_progress' }),
  'research sessions: one': (db, { sessionId }) => getResearchSession(db, { id: sessionId }),
  'cards: list': (db) => listPublishedCards(db, { limit }),
  'cards: of a user': (db, { userId }) => listPublishedCards(db, { limit, userId }),
  'cards: own': (db, { userId }) => listOwnCards(db, { limit, userId }),
  'cards: of a category': (db) => listPublishedCards(db, { limit, category: 'science' }),
  'cards: with a tag': (db) => listPublishedCards(db, { limit, tag: 'window' }),
  'cards: about a content': (db, { contentId }) => listPublishedCards(db, { limit, contentId }),
  'cards: search, common word': (db) => listPublishedCards(db, { limit, search: 'system' }),
  'cards: search, rare word': (db) => listPublishedCards(db, { limit, search: 'term77' }),
  'cards: counts of a user': (db, { userId }) => countCards(db, userId),
  'cards: one': (db, { cardId }) => getCard(db, { id: cardId, viewerId }),
  'users: list': (db) => listUsers(db, { limit }),
  'users: search': (db) => listUsers(db, { limit, search: 'mountain_music' }),
  'users: one': (db, { userId }) => getUser(db, userId),
  'users: by username': (db) => findUserByUsername(db, 'USER_7'),
  'attributions: backlinks': (db, { cardId }) => listBacklinks(db, { limit, cardId, viewerId }),
  'attributions: counts of a card': (db, { cardId }) => countBacklinks(db, { cardId, viewerId }),
  'attributions: received': (db, { userId }) => listReceived(db, { limit, userId, viewerId }),
  'attributions: graph, depth 3': (db, { cardId }) => getAttributionGraph(db, { cardId, depth: 3, viewerId }),
  'tokens: balance': (db, { userId }) => getBalance(db, userId),
  'tokens: ledger': (db, { userId }) => listLedger(db, { limit, userId }),
  'tokens: statistics': (db, { userId }) => getTokenStats(db, userId),
  'passages: with a phrase': (db) => passagesWith(db, { phrases: ['term77'] }),
  'keys: look-up by hash': (db) => findActiveKey(db, createHash('sha256').update('extro_live_7').digest()),
  'keys: of a user': (db, { userId }) => listApiKeys(db, { limit, userId }),
}

interface PageInput {
  readonly limit: number
  readonly cursor: string | undefined
}

/** Lists long enough for a page 10,000, or nearly. */
export const listPages: Record<
  string,
  (db: Kysely<Database>, page: PageInput) => Promise<{ nextCursor: string | null }>
> = {
  cards: listPublishedCards,
  contents: listContents,
  authors: listAuthors,
  users: listUsers,
  'research sessions': listResearchSessions,
  'patterns, newest': (db, page) => listPatterns(db, { ...page, sort: 'discovered' }),
  'patterns, surest': (db, page) => listPatterns(db, { ...page, sort: 'confidence' }),
}

export { getBalance, getTokenStats, listBacklinks }
