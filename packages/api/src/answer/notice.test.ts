import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { Deps } from '../context.ts'
import { contentLine, createTestCaller, createTestDeps, ingestLines } from '../testing/test-deps.ts'

let database: TestDatabase
let deps: Deps
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  deps = await createTestDeps(database)
  await ingestLines(deps, [
    contentLine({ title: 'Tides', body: 'The moon raises the tides twice a day in most harbours of this coast.' }),
    contentLine({
      title: 'Turm',
      body: 'Der Leuchtturm steht seit vielen Jahren auf einem Felsen vor der Küste, und sein Licht ist weit zu sehen.',
    }),
    contentLine({
      title: 'Phare',
      body: 'Le phare se dresse depuis de nombreuses années sur un rocher devant la côte, et sa lumière se voit de loin.',
    }),
  ])
})
afterAll(() => database.close())

// Its German and French passages know `the` and `when` as words, which none of them has.
test.each([
  ['When was the pizza of Naples baked?', 'Nothing here is about «pizza», «Naples», «baked».'],
  ['Was wurde über die Pizza in Neapel gesagt?', 'Nothing here is about «Pizza», «Neapel», «gesagt».'],
  ['what is it that raises the tides twice a day', null],
  ['Who was where?', 'Nothing here answers this.'],
])('%s: no stop word of its language is missed', async (prompt, notice) => {
  const caller = createTestCaller({ ...deps, writer: undefined })
  let last: unknown
  for await (const event of await caller.query.answer({ prompt })) last = event
  expect(last).toMatchObject({ kind: 'extracted', notice })
  const { search } = await caller.query.rag({ prompt })
  const missed = search.words.filter(({ passages }) => passages === 0).map(({ word }) => word.split('/')[0])
  expect(
    missed.filter((word) => /^(?:when|was|what|is|it|that|the|of|who|where|wurde|über|die|in)$/.test(word ?? '')),
  ).toEqual([])
})
