import { setTimeout } from 'node:timers/promises'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { Deps } from '../context.ts'
import { createAccount, type TestAccount } from '../testing/accounts.ts'
import { contentLine, createTestCaller, createTestDeps, ingestLines } from '../testing/test-deps.ts'
import { findPatterns } from './find-patterns.ts'
import { followContents } from './follow-contents.ts'

let database: TestDatabase
let deps: Deps
let admin: TestAccount
let authorId: string

const seed = 'Caching a compiler’s dependency graph saves most of the rebuild.'
const essay = `Everybody waits for builds. We found that caching the compiler’s dependency graph saves most of every rebuild in our monorepo.

We replaced the linker by a daemon that keeps symbol tables in memory. Garbage collection of stale artifacts runs at night, and a bloom filter tells which archives are worth opening at all.`

const line = (name: string, body: string, publishedAt: string) =>
  contentLine({
    source_url: `https://example.org/${name}`,
    title: name,
    body,
    author: 'Ana Writer',
    published_at: publishedAt,
  })

beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  deps = await createTestDeps(database)
  admin = await createAccount(deps, { scope: 'admin', name: 'admin' })
  await ingestLines(deps, [
    line('seed', seed, '2026-01-01T00:00:00Z'),
    line('essay', essay, '2026-03-01T00:00:00Z'),
    ...['bread', 'copper', 'swallows', 'harbours'].map((word, at) =>
      line(
        word,
        `How to save ${word} in ${at + 2} days. A note on ${word} and ${word}.`,
        `2026-02-0${at + 1}T00:00:00Z`,
      ),
    ),
  ])
  const author = await deps.db.selectFrom('authors').select('id').executeTakeFirstOrThrow()
  authorId = author.id
})
afterAll(() => database.close())

const caller = () => createTestCaller(deps)
const idOf = async (title: string) =>
  (await deps.db.selectFrom('contents').select('id').where('title', '=', title).executeTakeFirstOrThrow()).id
const analyse = () => admin.as().analysis.author({ id: authorId })

test('an author’s patterns are found, stored and shown with their passages', async () => {
  const { contents, patterns } = await analyse()
  expect(contents).toBe(6)
  expect(patterns).toContainEqual({ type: 'elaboration', count: 1 })
  expect(patterns).toContainEqual({ type: 'hook', count: 2 })
  const { items } = await caller().patterns.list({ authorId, type: 'elaboration' })
  const pattern = await caller().patterns.byId({ id: items[0]?.id as string })
  expect(pattern.contentIds).toEqual([await idOf('seed'), await idOf('essay')])
  const [older, newer] = pattern.evidence
  expect(newer?.from).toBe(older?.contentId)
  const passage = await deps.db
    .selectFrom('contentChunks')
    .select('contentId')
    .where('id', '=', Number(newer?.quotes[0]?.passageId))
    .executeTakeFirst()
  expect(passage?.contentId).toBe(newer?.contentId)
})

test('an idea’s life is told by age, with what each step added', async () => {
  await analyse()
  const { items } = await caller().patterns.list({ authorId, type: 'elaboration' })
  const { steps } = await caller().patterns.timeline({ id: items[0]?.id as string })
  expect(steps.map(({ content }) => content.title)).toEqual(['seed', 'essay'])
  expect(steps[1]?.evidence.added?.length).toBeGreaterThan(0)
})

test('found again, patterns have the same ids, times and words', async () => {
  await analyse()
  const read = async () => (await caller().patterns.list({ authorId, limit: 100 })).items
  const before = await read()
  await analyse()
  expect(await read()).toEqual(before)
})

test('a content’s analysis is stored, and gone when the content has changed', async () => {
  await analyse()
  const id = await idOf('bread')
  const stored = await caller().analysis.byContent({ id })
  expect(stored.analyzedAt).not.toBeNull()
  expect(stored.analysis.hooks.map(({ value }) => value)).toContain('benefit')
  const [made] = (await caller().analysis.content({ contentId: id })).analysis.hooks
  expect(made).toEqual(stored.analysis.hooks[0])
  await ingestLines(deps, [line('bread', 'The committee met.', '2026-02-01T00:00:00Z')])
  const changed = await caller().analysis.byContent({ id })
  expect(changed.analyzedAt).toBeNull()
  expect(changed.analysis.hooks).toEqual([])
})

test('patterns go with their contents, in the same statement', async () => {
  await analyse()
  const id = await idOf('essay')
  const { items } = await caller().patterns.list({ authorId, type: 'elaboration' })
  expect(items).toHaveLength(1)
  await admin.as().contents.delete({ id })
  expect((await caller().patterns.list({ authorId, type: 'elaboration' })).items).toEqual([])
  await expect(caller().patterns.timeline({ id: items[0]?.id as string })).rejects.toThrow('There is no pattern')
  await ingestLines(deps, [line('essay', essay, '2026-03-01T00:00:00Z')])
})

test('patterns among any contents are found without storing one; unknown ids are named', async () => {
  const ids = [await idOf('seed'), await idOf('essay')]
  const nobody = '00000000-0000-4000-8000-0000000000ff'
  const stored = await deps.db.selectFrom('patterns').select('id').execute()
  const { patterns, unknown } = await caller().analysis.patterns({ contentIds: [...ids, ids[0] as string, nobody] })
  expect(patterns.map(({ type }) => type)).toEqual(['elaboration'])
  expect(unknown).toEqual([nobody])
  expect(await deps.db.selectFrom('patterns').select('id').execute()).toEqual(stored)
  const again = await caller().analysis.patterns({ contentIds: [nobody, ...ids.toReversed()] })
  expect(again.patterns).toEqual(patterns)
})

test('bad input is named with its field', async () => {
  const many = Array.from({ length: 501 }, (_, at) => `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`)
  await expect(caller().analysis.patterns({ contentIds: many })).rejects.toThrow(
    'must have at most 500 contents at once',
  )
  await expect(caller().analysis.patterns({ contentIds: [] })).rejects.toThrow('contentIds')
  await expect(caller().analysis.content({})).rejects.toThrow('must have content or contentId, and not both')
  await expect(caller().analysis.content({ content: 'a'.repeat(1_000_000) })).rejects.toThrow('content')
  const nobody = '00000000-0000-4000-8000-0000000000ff'
  await expect(caller().analysis.content({ contentId: nobody })).rejects.toThrow('There is no content')
  await expect(caller().analysis.byContent({ id: nobody })).rejects.toThrow('There is no content')
  await expect(admin.as().analysis.author({ id: nobody })).rejects.toThrow('There is no author')
})

test('an empty text has an honest nothing', async () => {
  const { analysis } = await caller().analysis.content({ content: '' })
  expect(analysis.themes).toEqual([])
  expect(analysis.leftOut.length).toBeGreaterThan(1)
})

test('in the background, contents with their vectors are analysed, and their authors’ patterns follow', async () => {
  await ingestLines(deps, [
    contentLine({ title: 'Fresh', author: 'Bea', body: 'I struggle with slow builds every day.' }),
  ])
  const following = followContents(deps)
  const id = await idOf('Fresh')
  await expect
    .poll(async () => (await caller().analysis.byContent({ id })).analyzedAt, { timeout: 10_000 })
    .not.toBeNull()
  const bea = deps.db.selectFrom('authors').select('patternsFoundAt').where('displayName', '=', 'Bea')
  await expect.poll(async () => (await bea.executeTakeFirst())?.patternsFoundAt, { timeout: 10_000 }).not.toBeNull()
  await following.close()
  expect((await caller().analysis.health()).status).toBe('ok')
})

test('of two servers one analyses, and the other goes on where it ends', async () => {
  const analysed: string[] = []
  const follow = () => {
    const { analyst } = deps
    const run: typeof analyst.run = async (task, options) => {
      if (task.kind === 'analyse') {
        for (const { title } of task.texts) analysed.push(title)
        // Longer than the two are apart.
        await setTimeout(1000)
      }
      return analyst.run(task, options)
    }
    return followContents({ ...deps, analyst: { ...analyst, run } })
  }
  const [first, second] = [follow(), follow()]
  const store = (names: readonly string[]) =>
    ingestLines(
      deps,
      names.map((title) =>
        contentLine({ title, author: `By ${title}`, body: 'I struggle with slow builds every day.' }),
      ),
    )
  const isDone = async (title: string) => {
    const { patternsFoundAt } = await deps.db
      .selectFrom('authors')
      .select('patternsFoundAt')
      .where('displayName', '=', `By ${title}`)
      .executeTakeFirstOrThrow()
    return patternsFoundAt !== null
  }
  const before = Array.from({ length: 40 }, (_, at) => `Shared ${at}`)
  await store(before)
  for (const title of before) await expect.poll(() => isDone(title), { timeout: 30_000 }).toBe(true)
  await first.close()
  await store(['After'])
  await expect.poll(() => isDone('After'), { timeout: 30_000 }).toBe(true)
  await second.close()
  expect(analysed.toSorted()).toEqual([...before, 'After'].toSorted())
}, 90_000)

test('an author without contents has no pattern', async () => {
  const { id } = await deps.db
    .insertInto('authors')
    .values({ platform: 'web', username: 'nobody', displayName: 'Nobody' })
    .returning('id')
    .executeTakeFirstOrThrow()
  expect(await findPatterns(deps, id)).toEqual([])
})

test('of a book only the part that is read leaves the database, and the rest is said to be left out', async () => {
  await ingestLines(deps, [contentLine({ title: 'Book', author: 'Cleo', body: 'It was a long day. '.repeat(10_000) })])
  const bodies: number[] = []
  const { analyst } = deps
  const run: typeof analyst.run = (task, options) => {
    const texts = task.kind === 'analyse' ? task.texts : task.kind === 'growth' ? [] : task.contents
    for (const each of texts) bodies.push(('body' in each ? each : each.content)?.body.length ?? 0)
    return analyst.run(task, options)
  }
  const watched = createTestCaller({ ...deps, analyst: { ...analyst, run } })
  const id = await idOf('Book')
  await watched.analysis.patterns({ contentIds: [id, await idOf('seed')] })
  const { analysis } = await watched.analysis.byContent({ id })
  expect(Math.max(...bodies)).toBe(60_001)
  expect(analysis.leftOut.map(({ reason }) => reason)).toContain('only the first 60000 characters were read')
})
