import { expect, test } from 'vitest'
import { type GivenContent, profileOf } from './profile.ts'
import { findRelations } from './relations.ts'
import { findThemes } from './themes.ts'

const owner = '00000000-0000-4000-8000-00000000000a'
const content = (id: string, at: string, body: string, platform = 'web'): GivenContent => ({
  id,
  platform,
  title: '',
  body,
  language: 'en',
  at,
  embedding: null,
})

const seed = 'Caching a compiler’s dependency graph saves most of the rebuild.'
const thread = `1/ Caching the compiler’s dependency graph saves most of a rebuild.

2/ We hashed every source file and skipped the unchanged modules.

3/ Incremental linking was the surprising bottleneck.`
const essay = `Everybody waits for builds. We found that caching the compiler’s dependency graph saves most of every rebuild in our monorepo.

First we hashed every source file, so that unchanged modules could be skipped. Then incremental linking turned out to be the surprising bottleneck, because the linker read all object files again.

We replaced it by a daemon that keeps symbol tables in memory. Garbage collection of stale artifacts runs at night, and a bloom filter tells which archives are worth opening at all. Our continuous integration became four times cheaper.`
const others = [
  'Bread needs time, salt and a hot oven. My grandmother baked every Friday morning.',
  'The museum shows etchings of harbours. Visitors may touch the copper plates.',
  'Swallows return in April. They nest under the roof of the old station.',
]
const chain = [
  content('essay', '2026-05-01T00:00:00Z', essay),
  content('seed', '2026-01-01T00:00:00Z', seed, 'twitter'),
  content('thread', '2026-02-01T00:00:00Z', thread, 'reddit'),
  ...others.map((body, at) => content(`other-${at}`, '2026-03-01T00:00:00Z', body)),
]

test('a seed that grew into a thread and an essay is one chain, the oldest first, and tells what each step added', () => {
  const { patterns } = findRelations(owner, chain.map(profileOf))
  expect(patterns.map(({ type }) => type)).toEqual(['elaboration'])
  const [pattern] = patterns
  expect(pattern?.evidence.map(({ contentId }) => contentId)).toEqual(['seed', 'thread', 'essay'])
  expect(pattern?.evidence.map(({ from }) => from)).toEqual([undefined, 'seed', 'thread'])
  expect(pattern?.evidence[2]?.added?.join(' ')).toMatch(/bloom filter|symbol tables|garbage collection/i)
  const kept = pattern?.evidence[2]?.kept?.[0]
  expect(essay.slice(kept?.newer.start, kept?.newer.end)).toBe(kept?.newer.text)
})

test('an older text does not grow out of a newer one', () => {
  const turned = chain.map((each) => (each.id === 'essay' ? { ...each, at: '2025-01-01T00:00:00Z' } : each))
  const { patterns } = findRelations(owner, turned.map(profileOf))
  expect(patterns.flatMap(({ evidence }) => evidence.map(({ contentId }) => contentId))).not.toContain('essay')
})

test('the same text again is a reprint, and no elaboration', () => {
  const again = content('again', '2026-06-01T00:00:00Z', essay.replace('Everybody', 'Everyone'), 'reddit')
  const { patterns } = findRelations(owner, [...chain, again].map(profileOf))
  const reprint = patterns.find(({ type }) => type === 'reprint')
  expect(reprint?.evidence.map(({ contentId }) => contentId)).toEqual(['essay', 'again'])
  expect(reprint?.confidenceScore).toBeGreaterThan(0.9)
  const elaboration = patterns.find(({ type }) => type === 'elaboration')
  expect(elaboration?.evidence.map(({ contentId }) => contentId)).not.toContain('again')
})

test('ids are the same whatever the order of the contents', () => {
  const ids = (contents: readonly GivenContent[]) =>
    findRelations(owner, contents.map(profileOf)).patterns.map(({ id }) => id)
  expect(ids(chain.toReversed())).toEqual(ids(chain))
})

/** Three groups of directions, a little apart in each. */
const points = Array.from({ length: 60 }, (_, at) => {
  const vector = new Float32Array(12)
  vector[(at % 3) * 4] = 1
  vector[(at * 7) % 12] = (vector[(at * 7) % 12] ?? 0) + 0.3 * Math.sin(at)
  const length = Math.hypot(...vector)
  return { id: String(at).padStart(3, '0'), vector: vector.map((each) => each / length), phrases: [] }
})
const groupsOf = (found: ReturnType<typeof findThemes>) =>
  new Map(found.flatMap(({ id, evidence }) => evidence.map(({ contentId }) => [contentId, id] as const)))

test('one content more moves no more than one in a hundred, and all themes keep their ids', () => {
  const before = findThemes(owner, points.slice(0, -1))
  const former = new Map(before.map(({ id, evidence }) => [id, evidence.map(({ contentId }) => contentId)]))
  const [then, now] = [groupsOf(before), groupsOf(findThemes(owner, points, former))]
  expect(then.size).toBe(59)
  expect([...then].filter(([id, theme]) => now.get(id) !== theme).length).toBeLessThanOrEqual(0.01 * then.size)
  expect(now.size).toBe(60)
})

test('found again with nothing new, themes are equal, bit for bit', () => {
  const before = findThemes(owner, points)
  const former = new Map(before.map(({ id, evidence }) => [id, evidence.map(({ contentId }) => contentId)]))
  expect(findThemes(owner, points.toReversed())).toEqual(before)
  expect(JSON.stringify(findThemes(owner, points, former))).toBe(JSON.stringify(before))
})
