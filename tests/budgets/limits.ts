/**
 * Budgets that must not grow unnoticed. Each limit is the measured value when it was set, and some room; a change that needs more raises it
 * here, in the open, and says why. Nothing here is a time: a busy machine fails none of these.
 */

/**
 * Statements that a read sends, by procedure, in a small world with an empty cache; exact, so that one fewer is written down too.
 * They do not depend on how many rows are found: a query for each row would show here.
 */
export const queriesOf: Readonly<Record<string, number>> = {
  'analysis.byContent': 1,
  'analysis.content': 0,
  'analysis.health': 1,
  // which ids are known, the contents, the texts of those not analysed, those that the thread does not know, their passages
  'analysis.patterns': 4,
  // a place; of each of 16 parts the cursor's begin, its rows, its end
  'archives.export': 50,
  'attributions.backlinks': 1,
  'attributions.byId': 1,
  // the card, whether the caller may see it, and the counts
  'attributions.counts': 2,
  'attributions.graph': 1,
  'attributions.proposals': 1,
  'attributions.received': 1,
  'audit.list': 1,
  'authors.byId': 1,
  'authors.list': 1,
  'cards.byId': 1,
  'cards.list': 1,
  'cards.mine': 1,
  // the content; its authors
  // the content and its authors; its other addresses
  'contents.aliases': 3,
  'contents.byId': 2,
  'contents.list': 1,
  // the content and its authors; where it was met
  'contents.origins': 3,
  // the content and its authors; the document
  'contents.snapshot': 3,
  // the content, the corpus, both legs, the passages
  'contents.similar': 4,
  'health.check': 1,
  'health.live': 0,
  // Monitors ask for it now and then: the server's version, connections, slow statements, index use, bloat, …
  'health.performance': 14,
  'health.ready': 1,
  'imports.byId': 1,
  'imports.list': 1,
  'jobs.byId': 1,
  'jobs.events': 1,
  'jobs.list': 1,
  'keys.list': 1,
  'patterns.byId': 1,
  'patterns.list': 1,
  'patterns.timeline': 2,
  // as query.rag, then the contents and the words of their sentences
  'query.answer': 7,
  // Of a collection that is small enough to have no vector index, as here.
  'query.rag': 6,
  'receipts.byId': 1,
  'researchSessions.byId': 1,
  'researchSessions.list': 1,
  'scrape.health': 1,
  'scrape.last': 1,
  'sources.byId': 1,
  // the source, so that a wrong id is told from an empty log; the log
  'sources.fetches': 2,
  'sources.list': 1,
  'sources.opml': 1,
  'subscriptions.byId': 1,
  // the subscription, so that another user's is told from an empty list; the list
  'subscriptions.changes': 2,
  // the subscription; its differences
  'subscriptions.feed': 2,
  'subscriptions.list': 1,
  // the subscription; its changes
  'subscriptions.events': 2,
  'tokens.balance': 1,
  'tokens.ledger': 1,
  'tokens.stats': 1,
  'users.byId': 1,
  'users.byUsername': 1,
  // the user and the account; a page of each kind of line, of attributions for each page of cards
  'users.export': 9,
  'users.list': 1,
  // the user; the counts of their cards
  'users.me': 2,
  'webhooks.byId': 1,
  // the webhook, so that another user's is told from an empty log; the log
  'webhooks.deliveries': 2,
  'webhooks.list': 1,
}

export const cacheHit = {
  /** A hit is answered as it is; a promise would cost more than the hit. */
  promises: 0,
  /** Measured: 2 where the compiler inlines the whole hit, 57 where it does not; a promise more would be over 100. */
  bytesPerHit: 72,
}

/** Type instantiations that the compiler makes, as an editor does after each keystroke. Measured, and a tenth on top. */
export const instantiations = {
  /** All of packages/api, its tests included; most are Kysely's. Measured: 3.76 million, of which jobs, sources, imports, analysis, patterns, webhooks and subscriptions are 0.9. */
  api: 4_140_000,
  /** A project that calls eight procedures through the client. Measured: 18,094, of which some 3,700 came with the one kind of error. */
  consumer: 19_900,
}

/** The client, minified and gzipped with @trpc/client in it: its bytes in a web page. Measured: 9,822. */
export const clientBundleGzipBytes = 10_240

export const startUp = {
  /** Modules that a server has loaded when it ends, without Redis and without a language model. Measured: 1,459, of which undici is 109; the Redis client alone would be 478 more. */
  modules: 1550,
  /** Needed by some, slow to load for all: 478 modules, 70 ms for the Redis client, as long for the AI SDK. */
  neverLoaded: [
    '@redis/client',
    '@opentelemetry/exporter-trace-otlp-http',
    'ai',
    '@ai-sdk/openai-compatible',
    'vitest',
    'fast-check',
    'swagger-ui-dist',
  ],
}
