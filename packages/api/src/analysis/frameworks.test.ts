import { expect, test } from 'vitest'
import { analyseText } from './analyse-text.ts'
import { judgedFrameworks } from './frameworks.examples.ts'

const firstOf = (body: string) => analyseText({ title: '', body }).frameworks[0]?.value

/** Measured when the posts were written, before any rule was changed for them: see decision 90. */
const found = { AIDA: 4, PAS: 4, BAB: 7, PASTOR: 0, '4Ps': 0 }

test.each(Object.entries(found))('%s is found in at least %d of ten judged posts', (framework, least) => {
  const posts = judgedFrameworks[framework as keyof typeof found]
  expect(posts.length).toBeGreaterThanOrEqual(10)
  expect(posts.filter((post) => firstOf(post) === framework).length).toBeGreaterThanOrEqual(least)
})

test('a framework that is found is the right one; of PASTOR its beginning, which is PAS', () => {
  for (const [framework, posts] of Object.entries(judgedFrameworks)) {
    const right = framework === 'PASTOR' ? ['PASTOR', 'PAS'] : [framework]
    for (const post of posts) expect([undefined, ...right]).toContain(firstOf(post))
  }
})

test('a text that tells, explains or announces has none', () => {
  expect(judgedFrameworks.none.map(firstOf)).toEqual(judgedFrameworks.none.map(() => undefined))
})
