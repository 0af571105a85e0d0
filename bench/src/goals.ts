/** The report's sections of goals, in its order. */
export const goalSections = [
  'Before and after',
  'The database at scale',
  'The cache package',
  'Tokens and keys',
  'Over HTTP',
  'Search',
] as const

/** What the project has promised: one row of the report each, whether it was measured or not. */
export interface Goal {
  readonly section: (typeof goalSections)[number]
  readonly what: string
  /** `≥ 0.8`, `≤ 2`, `< 5`, `> 90`, `= 1`, `0.85–1.15`. */
  readonly goal: string
  /** `low`: the lower end of the interval, for what has to be more than noise. */
  readonly of: 'ratio' | 'value' | 'p99' | 'low'
  readonly suite: string
  /** All measurements that this matches have to reach the goal: the worst one counts, and those that miss it are named. */
  readonly name: RegExp
  readonly contender: RegExp
  /** Goals of searches hold for one part of the suite, such as a collection. */
  readonly command: string
}

const any = /./
const own = /^@extropy\/cache/
const ms = 'value'

type Short = readonly [what: string, goal: string, of: Goal['of'], name: RegExp, contender: RegExp]

function goalsOf(section: Goal['section'], suite: string, command: string, goals: readonly Short[]): Goal[] {
  return goals.map(([what, goal, of, name, contender]) => ({
    section,
    what,
    goal,
    of,
    suite,
    name,
    contender,
    command,
  }))
}

const beforeAfter = (name: string, afterMs: number, improvement: number): Short[] => {
  const escaped = new RegExp(`^${name.replaceAll('/', '\\/')}$`)
  const share = `≤ ${((100 - improvement) / 100).toFixed(2)}`
  return [
    [`${name}: mean, ms`, `≤ ${afterMs}`, ms, escaped, /^after$/],
    [`${name}: after / before (${improvement} % less)`, share, 'ratio', escaped, /^after$/],
    [
      `${name}: after / before without reused connections`,
      share,
      'ratio',
      new RegExp(`${escaped.source.slice(0, -1)}, against no connection reused$`),
      /^after$/,
    ],
  ]
}

export const goals: readonly Goal[] = [
  ...goalsOf('Before and after', 'before-after', 'pnpm bench before-after', [
    ...beforeAfter('GET /health', 5, 97),
    ...beforeAfter('GET /api/cards, first', 80, 60),
    ...beforeAfter('GET /api/cards, cached', 2, 99),
    ...beforeAfter('POST /query/rag', 150, 70),
  ]),

  ...goalsOf('The database at scale', 'growth', 'pnpm bench growth', [
    ['every list and look-up: p50 at 1 M cards / at 10 k', '≤ 1.3', 'ratio', /^rows: (?!.*counts)/, /^1000000 cards$/],
    ['page 10,000, or the last one / page 1', '≤ 1.2', 'ratio', /^deep page: /, any],
  ]),
  ...goalsOf('The database at scale', 'db', 'pnpm bench db', [
    ['primary key, 16 callers / pgbench', '≥ 0.8', 'ratio', /^primary key against pgbench, 16/, any],
    ['primary key, 32 callers / pgbench', '≥ 0.8', 'ratio', /^primary key against pgbench, 32/, any],
    ['primary key, 16 callers / stock Kysely', '≥ 3', 'ratio', /^primary key, 16/, /^@extropy/],
    ['primary key, 32 callers / stock Kysely', '≥ 3', 'ratio', /^primary key, 32/, /^@extropy/],
    ['4-table join, 16 callers / stock Kysely', '≥ 4', 'ratio', /^4-table join, 16/, /^@extropy/],
    ['4-table join, 32 callers / stock Kysely', '≥ 4', 'ratio', /^4-table join, 32/, /^@extropy/],
    ['p99 beside slow statements / alone', '≤ 2', 'ratio', /^p99 of a primary-key/, /^beside/],
    ['a page of backlinks / the replaced service', '≥ 30', 'ratio', /replaced service: a page/, any],
    ['all backlinks of a card / the replaced service', '≥ 30', 'ratio', /replaced service: all/, any],
    ['token statistics / the replaced service', '≥ 30', 'ratio', /replaced service: token statistics/, any],
    ['balance / the replaced service', '≥ 30', 'ratio', /replaced service: balance/, any],
    ['each named index: without / with', '≥ 1', 'ratio', /^index by index: /, /^without$/],
  ]),

  ...goalsOf('The cache package', 'cache', 'pnpm bench cache', [
    ['a hit / lru-cache.get', '≤ 2', 'ratio', /^a hit$/, own],
    [
      'a hit: the best peer / ours',
      '≥ 5',
      'ratio',
      /^a hit$/,
      /^(bentocache|async-cache-dedupe|cache-manager|cacheable)$/,
    ],
    ['10,000 misses at once, one process: loads', '= 1', 'value', /concurrent misses.*: one process/, any],
    ['10,000 misses at once, two processes: loads', '= 1', 'value', /concurrent misses.*: two processes/, any],
    [
      'invalidation of a tag: 100,000 entries / 1,000',
      '≤ 1.3',
      'ratio',
      /^invalidation of one tag$/,
      /^100000 entries$/,
    ],
    ['HTTP hit / bare node:http', '≥ 0.85', 'ratio', /^HTTP, a JSON body/, own],
    ['bytes reported / heap growth measured', '0.85–1.15', 'ratio', /^bytes reported/, any],
  ]),
  ...goalsOf('The cache package', 'cache-soak', 'pnpm bench cache-soak', [
    ['two instances on one Redis: failed reads', '= 0', 'value', /^failed reads$/, any],
    ['two instances on one Redis: stale reads', '= 0', 'value', /^stale reads$/, any],
  ]),

  ...goalsOf('Tokens and keys', 'ledger', 'pnpm bench ledger', [
    ['transfers, 16 callers / pgbench', '≥ 0.5', 'ratio', /^transfers/, /, spread$/],
    ['transfers with idempotency keys / pgbench', '≥ 0.5', 'ratio', /^transfers/, /, keyed$/],
    ['transfers from one hot account / pgbench', '≥ 0.25', 'ratio', /^transfers/, /, hot$/],
    ['key check / a warm keyed request', '≤ 0.05', 'ratio', /^a warm key check$/, any],
  ]),

  ...goalsOf('Over HTTP', 'http', 'pnpm bench http', [
    ['cached GET /api/cards / bare node:http', '≥ 0.8', 'ratio', /^cached: GET \/api\/cards/, /^Extropy$/],
    ['cached GET /trpc/cards.list / bare node:http', '≥ 0.8', 'ratio', /^cached: GET \/trpc\/cards/, /^Extropy$/],
    ['cached batch of five / bare node:http', '≥ 0.5', 'ratio', /^cached: a tRPC batch/, /^Extropy$/],
    ['balance, REST / Fastify + pg', '≥ 0.8', 'ratio', /^uncached: a balance/, /REST$/],
    ['card list, REST / Fastify + pg', '≥ 0.9', 'ratio', /^uncached: 20 cards/, /REST$/],
    ['balance, /trpc / stock tRPC + Kysely', '≥ 1.5', 'ratio', /^uncached: a balance/, /trpc$/],
    ['card list, /trpc / stock tRPC + Kysely', '≥ 1.5', 'ratio', /^uncached: 20 cards/, /trpc$/],
    [
      'attributions of a card, a page of 20 / pgbench',
      '≥ 0.03',
      'ratio',
      /^uncached, beside pgbench/,
      /^attributions, 20/,
    ],
    [
      'attributions of a card, a page of 100 / pgbench',
      '≥ 0.03',
      'ratio',
      /^uncached, beside pgbench/,
      /^attributions, 100/,
    ],
    ['token statistics / pgbench', '≥ 0.08', 'ratio', /^uncached, beside pgbench/, /^token statistics$/],
    ['ab -n 1000 -c 10, /health/performance: mean ms', '< 5', 'value', /^ab .*\/health\/performance$/, any],
    ['ab -n 1000 -c 10, /api/cards uncached: mean ms', '< 5', 'value', /^ab .*\/api\/cards, uncached$/, any],
    ['ab -n 1000 -c 10, /api/cards cached: mean ms', '< 1', 'value', /^ab .*\/api\/cards, cached$/, any],
    ['ab -n 1000 -c 10: failed requests', '= 0', 'value', /^ab .*, failed$/, any],
    ['replay, Zipf reads and 2 % writes: hit rate, %', '> 90', 'value', /^replay: hit rate$/, any],
    ['replay: stale reads', '= 0', 'value', /^replay: stale reads$/, any],
  ]),

  ...goalsOf('Search', 'retrieval', 'pnpm bench retrieval --collection …/cranfield', [
    ['Cranfield, word leg: nDCG@10', '≥ 0.51', 'value', /^cranfield: nDCG@10$/, /^word$/],
    ['Cranfield, fused - word: nDCG@10', '> 0', 'value', /^cranfield: nDCG@10$/, /^fused - word$/],
    ['Cranfield, fused - word: low end of its interval', '> 0', 'low', /^cranfield: nDCG@10$/, /^fused - word$/],
  ]),
  ...goalsOf('Search', 'retrieval', 'pnpm bench retrieval --collection …/cisi', [
    ['CISI, word leg: nDCG@10', '≥ 0.36', 'value', /^cisi: nDCG@10$/, /^word$/],
    ['CISI, fused - word: nDCG@10', '> 0', 'value', /^cisi: nDCG@10$/, /^fused - word$/],
  ]),
  ...goalsOf('Search', 'retrieval', 'pnpm bench retrieval --collection DIR', [
    ['fused - word on any collection: nDCG@10', '≥ -0.005', 'value', /: nDCG@10$/, /^fused - word$/],
  ]),
  ...goalsOf('Search', 'recall', 'pnpm bench recall', [
    ['recall@10, 100,000 passages, no filter', '≥ 0.98', 'value', /^recall@10$/, /^as in a search, no filter$/],
    ['recall@10 where 0.1, 1 and 10 % are kept', '≥ 0.95', 'value', /^recall@10$/, /^as in a search, .* kept$/],
  ]),
  ...goalsOf('Search', 'search', 'pnpm bench search', [
    ['search, 100,000 passages, 4 callers: p50 ms', '≤ 15', 'value', /^whole search, \d/, /^100000 passages$/],
    ['search, 100,000 passages, 4 callers: p99 ms', '≤ 50', 'p99', /^whole search, \d/, /^100000 passages$/],
    ['search: 100,000 passages / 10,000', '≤ 2', 'ratio', /^whole search, \d/, /^100000 passages$/],
    ['event loop delay while embedding: ms', '< 10', 'value', /^event loop delay/, any],
  ]),
]
