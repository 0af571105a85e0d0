/** Of a measurement: its ratio, its value, the 99th percentile of its samples, or the lower end of its interval. */
type Of = 'ratio' | 'value' | 'p99' | 'low'

/**
 * The project's promises, each once: the suite that measures it, the bound, and of what. Bounds: `≥ 0.8`, `≤ 2`,
 * `< 5`, `> 90`, `= 1`, `0.85–1.15`. A measurement names the goals that it is held to (`Measurement.goals`); of several
 * that name one goal, the worst counts.
 */
const promised = {
  'GET /health: mean, ms': ['before-after', '≤ 5', 'value'],
  'GET /health: after / before (97 % less)': ['before-after', '≤ 0.03', 'ratio'],
  'GET /health: after / before without reused connections': ['before-after', '≤ 0.03', 'ratio'],
  'GET /api/cards, first: mean, ms': ['before-after', '≤ 80', 'value'],
  'GET /api/cards, first: after / before (60 % less)': ['before-after', '≤ 0.40', 'ratio'],
  'GET /api/cards, first: after / before without reused connections': ['before-after', '≤ 0.40', 'ratio'],
  'GET /api/cards, cached: mean, ms': ['before-after', '≤ 2', 'value'],
  'GET /api/cards, cached: after / before (99 % less)': ['before-after', '≤ 0.01', 'ratio'],
  'GET /api/cards, cached: after / before without reused connections': ['before-after', '≤ 0.01', 'ratio'],
  'POST /query/rag: mean, ms': ['before-after', '≤ 150', 'value'],
  'POST /query/rag: after / before (70 % less)': ['before-after', '≤ 0.30', 'ratio'],
  'POST /query/rag: after / before without reused connections': ['before-after', '≤ 0.30', 'ratio'],

  'every list and look-up: p50 at 1 M cards / at 10 k': ['growth', '≤ 1.3', 'ratio'],
  'page 10,000, or the last one / page 1': ['growth', '≤ 1.2', 'ratio'],
  'primary key, 16 callers / pgbench': ['db', '≥ 0.8', 'ratio'],
  'primary key, 32 callers / pgbench': ['db', '≥ 0.8', 'ratio'],
  'primary key, 16 callers / stock Kysely': ['db', '≥ 3', 'ratio'],
  'primary key, 32 callers / stock Kysely': ['db', '≥ 3', 'ratio'],
  '4-table join, 16 callers / stock Kysely': ['db', '≥ 4', 'ratio'],
  '4-table join, 32 callers / stock Kysely': ['db', '≥ 4', 'ratio'],
  'p99 beside slow statements / alone': ['db', '≤ 2', 'ratio'],
  'a page of backlinks / the replaced service': ['db', '≥ 30', 'ratio'],
  'all backlinks of a card / the replaced service': ['db', '≥ 30', 'ratio'],
  'token statistics / the replaced service': ['db', '≥ 30', 'ratio'],
  'balance / the replaced service': ['db', '≥ 30', 'ratio'],
  'each named index: without / with': ['db', '≥ 1', 'ratio'],

  'a hit / lru-cache.get': ['cache', '≤ 2', 'ratio'],
  'a hit: the best peer / ours': ['cache', '≥ 5', 'ratio'],
  '10,000 misses at once, one process: loads': ['cache', '= 1', 'value'],
  '10,000 misses at once, two processes: loads': ['cache', '= 1', 'value'],
  'invalidation of a tag: 100,000 entries / 1,000': ['cache', '≤ 1.3', 'ratio'],
  'bytes reported / heap growth measured': ['cache', '0.85–1.15', 'ratio'],
  'two instances on one Redis: failed reads': ['cache-soak', '= 0', 'value'],
  'two instances on one Redis: stale reads': ['cache-soak', '= 0', 'value'],

  'empty jobs on PGlite, jobs/s': ['jobs', '≥ 100', 'value'],
  'empty jobs on PostgreSQL, jobs/s': ['jobs', '≥ 300', 'value'],
  'cancel of a running job, ms': ['jobs', '≤ 100', 'value'],

  'a hit: with a stamp / without': ['replicas', '≥ 0.97', 'ratio'],
  'reads by replicas, one request in ten writes': ['replicas', '≥ 0.9', 'value'],
  'read after own write: outdated': ['replicas', '= 0', 'value'],
  'writes again after a promotion, ms': ['replicas', '≤ 10000', 'value'],

  'transfers, 16 callers / pgbench': ['ledger', '≥ 0.5', 'ratio'],
  'transfers with idempotency keys / pgbench': ['ledger', '≥ 0.5', 'ratio'],
  'transfers from one hot account / pgbench': ['ledger', '≥ 0.25', 'ratio'],
  'key check / a warm keyed request': ['ledger', '≤ 0.05', 'ratio'],

  'cached GET /api/cards / bare node:http': ['http', '≥ 0.70', 'ratio'],
  'cached GET /api/cards / Fastify with our duties': ['http', '≥ 1.2', 'ratio'],
  'cached GET /trpc/cards.list / bare node:http': ['http', '≥ 0.70', 'ratio'],
  'cached GET /trpc/cards.list / Fastify with our duties': ['http', '≥ 1.2', 'ratio'],
  'cached batch of five / bare node:http': ['http', '≥ 0.5', 'ratio'],
  'the same hit: fast path / through Hono': ['http', '≥ 1.5', 'ratio'],
  'balance, REST / Fastify with our duties': ['http', '≥ 1.0', 'ratio'],
  'balance, REST / bare Fastify': ['http', '≥ 0.55', 'ratio'],
  'balance, /trpc / stock tRPC + Kysely': ['http', '≥ 1.8', 'ratio'],
  'card list, REST / Fastify with our duties': ['http', '≥ 1.0', 'ratio'],
  'card list, REST / bare Fastify': ['http', '≥ 0.55', 'ratio'],
  'card list, /trpc / stock tRPC + Kysely': ['http', '≥ 1.8', 'ratio'],
  'attributions of a card, a page of 20 / pgbench': ['http', '≥ 0.03', 'ratio'],
  'attributions of a card, a page of 100 / pgbench': ['http', '≥ 0.03', 'ratio'],
  'token statistics / pgbench': ['http', '≥ 0.08', 'ratio'],
  'ab -n 1000 -c 10, /health/performance: mean ms': ['http', '< 5', 'value'],
  'ab -n 1000 -c 10, /api/cards uncached: mean ms': ['http', '< 5', 'value'],
  'ab -n 1000 -c 10, /api/cards cached: mean ms': ['http', '< 1', 'value'],
  'ab -n 1000 -c 10: failed requests': ['http', '= 0', 'value'],
  'replay, Zipf reads and 2 % writes: hit rate, %': ['http', '> 90', 'value'],
  'replay: stale reads': ['http', '= 0', 'value'],
  'two workers / one process, cached, by processor time': ['http', '≥ 1.6', 'ratio'],

  'Cranfield, word leg: nDCG@10': ['retrieval', '≥ 0.51', 'value'],
  'Cranfield, fused: nDCG@10': ['retrieval', '≥ 0.555', 'value'],
  'Cranfield, fused - word: Recall@100': ['retrieval', '≥ 0.04', 'value'],
  'Cranfield, fused - word: low end of its interval': ['retrieval', '> 0', 'low'],
  'CISI, word leg: nDCG@10': ['retrieval', '≥ 0.36', 'value'],
  'CISI, fused: nDCG@10': ['retrieval', '≥ 0.46', 'value'],
  'CISI, fused - word: low end of its interval': ['retrieval', '> 0', 'low'],
  'CISI, fused - word: Recall@100': ['retrieval', '≥ 0.04', 'value'],
  'fused - word on any collection: nDCG@10': ['retrieval', '≥ -0.005', 'value'],
  'recall@10, 100,000 passages, no filter': ['recall', '≥ 0.98', 'value'],
  'recall@10 where 0.1, 1 and 10 % are kept': ['recall', '≥ 0.95', 'value'],
  'search, 100,000 passages, 4 callers: p50 ms': ['search', '≤ 20', 'value'],
  'search, 100,000 passages, 4 callers: p99 ms': ['search', '≤ 60', 'p99'],
  'search: 100,000 passages / 10,000': ['search', '≤ 2', 'ratio'],
  'event loop delay while embedding: ms': ['search', '< 10', 'value'],
  'ingest without vectors, PostgreSQL: passages/s': ['ingest', '≥ 1500', 'value'],
  'ingest without vectors, PGlite: passages/s': ['ingest', '≥ 500', 'value'],
  'two ingests at once / one, PostgreSQL': ['ingest', '≥ 1.5', 'ratio'],

  'SQuAD 2.0: answered within 3 sentences': ['answers', '≥ 0.92', 'value'],
  'SQuAD 2.0: answered by the first sentence': ['answers', '≥ 0.75', 'value'],
  'sample: answered within 3 sentences': ['answers', '≥ 0.70', 'value'],
  'sample: whole sentences without markup': ['answers', '= 1', 'value'],
  'sample: unanswerable questions admitted': ['answers', '≥ 0.90', 'value'],
  'sample: answerable questions refused': ['answers', '≤ 0.05', 'value'],

  'articles: F1 of the text': ['intake', '≥ 0.957', 'value'],
  'articles: pages taken for a wall': ['intake', '= 0', 'value'],
  'articles: ms a page': ['intake', '≤ 60', 'value'],
  'pages: text of Readability found': ['intake', '≥ 0.97', 'value'],
  'pages: metadata': ['intake', '≥ 0.9', 'value'],
  'feeds: right outcome': ['intake', '= 1', 'value'],
  'feeds: right number of entries': ['intake', '= 1', 'value'],
  'feeds: right first title': ['intake', '= 1', 'value'],
  'feeds: mutations that throw': ['intake', '= 0', 'value'],
  'hostile pages: wrong outcome': ['intake', '= 0', 'value'],
  'hostile pages: event loop delay ms': ['intake', '< 20', 'p99'],
} as const satisfies Record<string, readonly [suite: keyof typeof sections, bound: string, of: Of]>

/** The report's section of each suite's goals, in its order. */
const sections = {
  'before-after': 'Before and after',
  growth: 'The database at scale',
  db: 'The database at scale',
  cache: 'The cache package',
  'cache-soak': 'The cache package',
  ledger: 'Tokens and keys',
  http: 'Over HTTP',
  replicas: 'Several servers',
  retrieval: 'Search',
  recall: 'Search',
  search: 'Search',
  ingest: 'Ingest',
  answers: 'Answers',
  jobs: 'Durable jobs',
  intake: 'Intake',
} as const

export const goalSections = [...new Set(Object.values(sections))]

export type GoalName = keyof typeof promised

export interface Goal {
  readonly name: GoalName
  readonly section: (typeof goalSections)[number]
  readonly suite: string
  readonly command: string
  readonly bound: string
  readonly of: Of
}

/** The folders that a suite takes its data from. */
const foldersOf: Readonly<Record<string, string>> = {
  retrieval: ' --collection DIR',
  answers: ' --collection DIR',
  intake: ' --articles DIR --pages DIR --feeds DIR',
}

export const goals: readonly Goal[] = Object.entries(promised).map(([name, [suite, bound, of]]) => {
  const command = `pnpm bench ${suite}${foldersOf[suite] ?? ''}`
  return { name: name as GoalName, section: sections[suite], suite, command, bound, of }
})

/** For names that are composed from the measured things: undefined where there is no such goal. */
export function findGoal(name: string): GoalName | undefined {
  return Object.hasOwn(promised, name) ? (name as GoalName) : undefined
}
