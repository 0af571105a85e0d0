import { expect, test } from 'vitest'
import { createCacheRules, defaultCacheSettings } from './cache-rules.ts'
import { procedures } from './serving/procedures.ts'

const secondsOf = (settings: Partial<typeof defaultCacheSettings>, path: string, route: string, type = 'query') => {
  const rules = createCacheRules({ ...defaultCacheSettings, ...settings })
  return rules.ttlMsOf({ path, type, meta: {}, routes: [{ path: route }] }) / 1000
}

test('the longest prefix of whole segments decides how long an answer is kept; without one the default does', () => {
  const rules = { '/api': 10, '/api/cards': 20, '/api/cards/mine': 0 }
  const seconds = ['/api/cards', '/api/cards/{id}', '/api/cards/mine', '/api/cardsharps', '/query/rag'].map((route) =>
    secondsOf({ rules, defaultTtlSeconds: 5 }, 'a.b', route),
  )
  expect(seconds).toEqual([20, 20, 0, 10, 5])
})

test('excluded paths, probes, writes, streams and procedures without a route are never kept', () => {
  expect(secondsOf({ exclude: ['/api/cards'] }, 'a.b', '/api/cards/{id}')).toBe(0)
  expect(secondsOf({ exclude: ['/api/cards'] }, 'a.b', '/api/cardsharps')).toBe(300)
  expect(secondsOf({ rules: { '/health': 9 } }, 'a.b', '/health/live')).toBe(0)
  expect(secondsOf({}, 'a.b', '/api/cards', 'mutation')).toBe(0)
  const { ttlMsOf } = createCacheRules()
  expect(ttlMsOf({ path: 'a.stream', type: 'query', meta: { streams: {} }, routes: [{ path: '/a' }] })).toBe(0)
  expect(ttlMsOf({ path: 'a.internal', type: 'query', meta: {}, routes: [] })).toBe(0)
})

test('every default rule matches a procedure', () => {
  const { rules } = defaultCacheSettings
  const { ttlMsOf } = createCacheRules({ ...defaultCacheSettings, defaultTtlSeconds: 1 })
  const used = new Set([...procedures.values()].map((procedure) => ttlMsOf(procedure) / 1000))
  for (const seconds of Object.values(rules)) expect(used).toContain(seconds)
  const paths = [...procedures.values()].flatMap(({ routes }) => routes.map(({ path }) => path))
  for (const prefix of Object.keys(rules)) expect(paths.some((path) => path.startsWith(prefix))).toBe(true)
})
