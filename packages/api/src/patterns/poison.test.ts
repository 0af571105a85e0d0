import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { Deps } from '../context.ts'
import { contentLine, createTestCaller, createTestDeps, ingestLines } from '../testing/test-deps.ts'
import type { Task } from './analyst-tasks.ts'
import { analyseContents } from './find-patterns.ts'
import { followContents } from './follow-contents.ts'

let database: TestDatabase
let deps: Deps

const isPoison = (task: Task) => JSON.stringify(task).includes('POISON')

beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  const tested = await createTestDeps(database)
  const { analyst } = tested
  const run: typeof analyst.run = async (task, options) => {
    if (isPoison(task)) throw new RangeError('Maximum call stack size exceeded')
    return analyst.run(task, options)
  }
  deps = { ...tested, analyst: { ...analyst, run } }
})
afterAll(() => database.close())

const analysisOf = async (title: string) => {
  const { id } = await deps.db.selectFrom('contents').select('id').where('title', '=', title).executeTakeFirstOrThrow()
  return createTestCaller(deps).analysis.byContent({ id })
}
const patternsFoundAt = async (name: string) =>
  (await deps.db.selectFrom('authors').select('patternsFoundAt').where('displayName', '=', name).executeTakeFirst())
    ?.patternsFoundAt

test('a text that cannot be analysed, and its author, hold up no other', async () => {
  const body = 'I struggle with slow builds every day.'
  await ingestLines(deps, [
    contentLine({ title: 'First', author: 'Ana', body }),
    contentLine({ title: 'Bad', author: 'Bad', body: 'A text of POISON.' }),
    // The database takes no half of a letter, which a long sentence is cut in.
    contentLine({
      title: 'Cut',
      author: 'Cid',
      body: `I struggle with it all. I hate it ${'😀'.repeat(200)} so much.`,
    }),
    contentLine({ title: 'Last', author: 'Zoe', body }),
  ])
  const errors: unknown[] = []
  const following = followContents(deps, { onError: (error) => errors.push(error) })
  for (const name of ['Ana', 'Cid', 'Zoe']) {
    await expect.poll(() => patternsFoundAt(name), { timeout: 20_000 }).not.toBeNull()
  }
  await expect.poll(() => errors.length, { timeout: 20_000 }).toBeGreaterThan(0)
  await following.close()
  const { analysis, analyzedAt } = await analysisOf('Bad')
  expect(analyzedAt).not.toBeNull()
  expect(analysis.leftOut).toEqual([{ fields: [], reason: 'the text could not be analysed' }])
  expect((await analysisOf('First')).analysis.painPoints).toHaveLength(1)
  expect((await analysisOf('Last')).analysis.painPoints).toHaveLength(1)
  expect((await analysisOf('Cut')).analysis.leftOut.map(({ reason }) => reason)).not.toContain(
    'the text could not be analysed',
  )
}, 60_000)

test('where nothing can be analysed, no text is to blame: all of them wait', async () => {
  await ingestLines(deps, [contentLine({ title: 'Waiting', author: 'Wim' })])
  const { id } = await deps.db
    .selectFrom('contents')
    .select('id')
    .where('title', '=', 'Waiting')
    .executeTakeFirstOrThrow()
  const broken = {
    ...deps,
    analyst: {
      ...deps.analyst,
      run: async () => {
        throw new Error('no word list')
      },
    },
  }
  await expect(analyseContents(broken, [id])).rejects.toThrow('no word list')
  expect((await analysisOf('Waiting')).analyzedAt).toBeNull()
})
