import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { contentLine, createTestCaller, createTestDeps, ingestLines } from '../testing/test-deps.ts'

let database: TestDatabase
let caller: ReturnType<typeof createTestCaller>
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  const deps = await createTestDeps(database)
  const post = (author: string, title: string, body: string, published_at: string, platform = 'web') =>
    contentLine({ author, title, body, published_at, platform })
  await ingestLines(deps, [
    post('Nicholas C. Zakas', 'Burnout', 'On burnout in open source, and how to rest.', '2015-05-10T00:00:00Z'),
    post(
      'Ana Cruz',
      'Zakas interviewed',
      'We asked Zakas about burnout and the linter release.',
      '2016-03-01T00:00:00Z',
    ),
    post('Ana Cruz', 'A thread', 'Burnout is a linter for people.', '2015-06-01T00:00:00Z', 'reddit'),
    post('Bo Li', 'Red Hat', 'Red Hat may change the linter.', '2017-01-01T00:00:00Z'),
  ])
  caller = createTestCaller(deps)
})
afterAll(() => database.close())

const ask = async (prompt: string, asWords?: ('author' | 'platform' | 'published')[]) => {
  const { results, search } = await caller.query.rag({ prompt, ...(asWords && { asWords }) })
  return { titles: results.map(({ content }) => content.title), understood: search.understood, notice: search.notice }
}

describe('a filter is read in a prompt, named, and switched off', () => {
  test.each([
    ['what did Nicholas Zakas write about burnout', 'Nicholas Zakas', ['Burnout']],
    ["nicholas c. zakas's posts on burnout", 'nicholas c. zakas', ['Burnout']],
    ['burnout according to Nicholas Zakas', 'Nicholas Zakas', ['Burnout']],
  ])('%s: the author', async (prompt, text, titles) => {
    const found = await ask(prompt)
    expect(found.understood).toEqual([{ kind: 'author', value: 'Nicholas C. Zakas', text }])
    expect(found.titles).toEqual(titles)
    const words = await ask(prompt, ['author'])
    expect(words.understood).toEqual([])
    expect(words.titles).toContain('Zakas interviewed')
  })

  test('the platform, where anything is from there', async () => {
    const { understood, titles } = await ask('burnout on Reddit')
    expect(understood).toEqual([{ kind: 'platform', value: 'reddit', text: 'on Reddit' }])
    expect(titles).toEqual(['A thread'])
    expect((await ask('burnout on YouTube')).understood).toEqual([])
  })

  test.each([
    ['posts on burnout in May 2015', '2015-05-01/2015-06-01', ['Burnout']],
    ['posts on burnout before 2015-05-30', '/2015-05-30', ['Burnout']],
    ['what was released in 2016', '2016-01-01/2017-01-01', ['Zakas interviewed']],
    ['posts about a linter since 2017', '2017-01-01/', ['Red Hat']],
    ['posts about a linter before march 2016', '/2016-03-01', ['A thread', 'Burnout']],
  ])('%s: the time', async (prompt, value, titles) => {
    const found = await ask(prompt)
    expect(found.understood).toMatchObject([{ kind: 'published', value }])
    expect(found.titles.sort()).toEqual(titles)
  })

  test.each([
    'who is Nicholas Zakas',
    'what may change about the linter',
    'how many burnouts were there in 2015',
    'what did Nobody Known write about burnout',
    'written by Nicholas Zakas',
  ])('%s asks for words', async (prompt) => {
    expect((await ask(prompt)).understood).toEqual(prompt.startsWith('written') ? [expect.anything()] : [])
  })

  test('a time that keeps everything out was meant otherwise', async () => {
    expect(await ask('what was written about burnout in 1999')).toMatchObject({
      understood: [],
      titles: expect.arrayContaining(['Burnout']),
    })
  })

  test('what the caller gives comes first', async () => {
    const { search } = await caller.query.rag({ prompt: 'what did Nicholas Zakas write', author: 'Ana Cruz' })
    expect(search.understood).toEqual([])
  })
})

describe('a question in a language that nothing here is in', () => {
  test('is answered with a word of it, and its stop words are no words here', async () => {
    const prompt = 'wer hat die Leitung des Projekts nach der langen Pause übernommen'
    const { search } = await caller.query.rag({ prompt })
    expect(search.notice).toBe('The question is in German, but what is here is in English: ask in that language.')
    expect(search.words.map(({ word }) => word)).not.toContain('hat')
  })

  test('says nothing in English', async () => {
    expect((await ask('who has taken over the lead of the project after the long break')).notice).toBeNull()
  })
})

describe('how much a hit is about the question', () => {
  test('words that nothing here has are named, and count', async () => {
    const { search, results } = await caller.query.rag({ prompt: 'burnout pizza' })
    expect(search.words).toContainEqual({ word: 'pizza', passages: 0 })
    const [alone] = (await caller.query.rag({ prompt: 'burnout' })).results
    expect(alone?.relevance).toBeGreaterThan(0.8)
    expect(results[0]?.relevance).toBeLessThan(0.6)
    expect(results[0]?.fusedScore).toBeGreaterThan(0.9)
  })

  test('no hit stands on a corrected word alone', async () => {
    const slip = await caller.query.rag({ prompt: 'burnuot' })
    expect(slip.results[0]?.why.matchedWords).toEqual(['burnout'])
    const { results } = await caller.query.rag({ prompt: 'pizza Naples burnuot' })
    for (const { why } of results) expect(why.matchedWords).not.toEqual(['burnout'])
  })
})
