import type { Results } from '../../bench/src/report/load-results.ts'
import type { Measurement, ResultFile } from '../../bench/src/results.ts'

const spread = (value: number) => Array.from({ length: 60 }, (_, n) => value * (0.7 + n / 60))

const endpoints = ['GET /health', 'GET /api/cards, first', 'GET /api/cards, cached', 'POST /query/rag']
const modes = { 'before, no connection reused': 80, before: 40, after: 1 }

const hit = ['a hit / lru-cache.get'] as const
const peer = ['a hit: the best peer / ours'] as const
const growth = ['every list and look-up: p50 at 1 M cards / at 10 k'] as const

/** Something of every kind that the report draws; the figures mean nothing. */
const measurements: Measurement[] = [
  ...endpoints.flatMap((name) =>
    Object.entries(modes).map(([contender, value]) => ({
      suite: 'before-after',
      name,
      contender,
      unit: 'ms',
      value,
      samples: spread(value),
      ...(contender === 'after' ? { ratioTo: 'before', ratio: 1 / 40, interval: [0.02, 0.03] as const } : {}),
    })),
  ),
  ...[
    { contender: 'lru-cache.get, with ttl', value: 40, limit: true },
    { contender: '@extropy/cache getOrSet', value: 120, ratioTo: 'lru-cache.get, with ttl', ratio: 3, goals: hit },
    { contender: 'bentocache', value: 2400, ratioTo: '@extropy/cache getOrSet', ratio: 20, goals: peer },
  ].map((each) => ({ suite: 'cache', name: 'a hit', unit: 'ns', ...each })),
  ...['bare Fastify', 'Extropy, REST'].map((contender, at) => {
    return { suite: 'http', name: 'uncached: a balance', contender, unit: 'requests/s', value: 20_000 - at * 1000 }
  }),
  ...[10_000, 100_000, 1_000_000].flatMap((at) => [
    {
      suite: 'growth',
      name: 'rows: cards: list',
      contender: `${at} cards`,
      unit: 'ms',
      value: 0.2,
      ratio: 1,
      at,
      goals: growth,
    },
    {
      suite: 'growth',
      name: 'rows: cards: with a tag',
      contender: `${at} cards`,
      unit: 'ms',
      value: at / 1e5,
      ratio: at / 1e4,
      at,
      goals: growth,
    },
  ]),
  ...['with', 'without'].map((contender, at) => {
    const value = 1 + at * 99
    return { suite: 'db', name: 'index by index: idx_cards', contender, unit: 'ms', value, ratio: value }
  }),
  ...['word', 'vector', 'fused'].map((contender, at) => {
    const value = 0.5 - at / 10
    return {
      suite: 'retrieval',
      name: 'cranfield: nDCG@10',
      contender,
      unit: 'nDCG@10',
      value,
      interval: [value - 0.02, value + 0.02] as const,
    }
  }),
]

const file: ResultFile = {
  suite: 'made up',
  quick: true,
  startedAt: '2026-11-25T00:00:00.000Z',
  seconds: 1,
  machine: { cores: 2, cpu: '<made> & "up"', memoryGiB: 1 },
  versions: { node: 'v26.10.0' },
  commit: 'abc',
  busyShare: 0.5,
  busy: true,
  data: ['10 cards'],
  skipped: [],
  measurements,
}

export const madeUp: Results = { files: [file], figures: measurements.map((each) => ({ ...each, file })) }
