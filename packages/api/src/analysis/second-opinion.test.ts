import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { Deps } from '../context.ts'
import { type AnswerWriter, WriterError } from '../language-model/writer.ts'
import { createAccount } from '../testing/accounts.ts'
import { contentLine, createTestCaller, createTestDeps, ingestLines } from '../testing/test-deps.ts'
import { analyseText } from './analyse-text.ts'
import { askSecondOpinion } from './second-opinion.ts'
import { createSecondOpinions } from './second-opinions.ts'

const text = {
  title: 'Slow builds',
  body: 'I struggled with slow builds for years.\nThen I deleted half of our code. It is terrible and sad.',
}
const whole = {
  hooks: [
    { value: 'story', quote: 'I struggled with slow builds' },
    { value: 'benefit', quote: 'words that stand nowhere' },
  ],
  sentiment: { value: 'positive', quote: 'for years. Then I deleted' },
  themes: ['slow builds'],
  targetAudience: { value: 'Programmers', quote: 'deleted half of our code' },
}

/** Says the same to each prompt, and counts them. */
function createWriter(said: string, failure?: 'failed' | 'too long'): AnswerWriter & { asked: string[] } {
  const asked: string[] = []
  return {
    model: 'm',
    asked,
    async *write({ user }) {
      asked.push(user)
      yield said
      if (failure !== undefined) throw new WriterError('no', { failure })
    },
  }
}

const { signal } = new AbortController()
const ask = (writer: AnswerWriter, mostTokens = 10_000) =>
  askSecondOpinion(writer, text, analyseText(text), { mostTokens, signal })

describe('an opinion', () => {
  test('has its words in the text, and what has not is left out', async () => {
    const opinion = await ask(createWriter(`<p>\`\`\`json\n${JSON.stringify(whole)}\n\`\`\``))
    expect(opinion).toMatchObject({ model: 'm', problem: null, targetAudience: 'Programmers', notInText: 1 })
    expect(opinion.findings.map(({ field, value }) => `${field} ${value}`)).toEqual([
      'hooks story',
      'themes slow builds',
      'sentiment positive',
    ])
    const [{ start = 0, end = 0 } = {}] = opinion.findings[2]?.spans ?? []
    expect(text.body.slice(start, end)).toBe('for years.\nThen I deleted')
  })

  test('of whom a text addresses has its words there, too', async () => {
    const made = { targetAudience: { value: 'Buy this', quote: 'words that stand nowhere' } }
    expect(await ask(createWriter(JSON.stringify(made)))).toMatchObject({ targetAudience: null, notInText: 1 })
  })

  test('is asked for between marks that a text cannot know', async () => {
    const [one, other] = [createWriter('{}'), createWriter('{}')]
    await Promise.all([ask(one), ask(other)])
    const marks = [one, other].map(({ asked }) => /^<(text-\w{10})>\n[\s\S]*\n<\/\1>$/.exec(asked[0] ?? '')?.[1])
    expect(marks[0]).toBeDefined()
    expect(marks[0]).not.toBe(marks[1])
  })

  test('is held to what the model has read, and a quote of repeated words keeps nobody waiting', async () => {
    const body = `${'a '.repeat(150_000)}The end.`
    const quotes = Array.from({ length: 10 }, (_, n) => `${'a '.repeat(990)}b${n}`)
    const said = { themes: quotes, painPoints: quotes, desires: quotes, keyInsights: ['The end.', 'a a'] }
    let turns = 0
    let isOver = false
    const turn = () => {
      turns++
      if (!isOver) setImmediate(turn)
    }
    turn()
    const opinion = await askSecondOpinion(
      createWriter(JSON.stringify(said)),
      { title: 'A', body },
      analyseText(text),
      {
        mostTokens: 60_000,
        signal,
      },
    )
    isOver = true
    expect(opinion).toMatchObject({
      notInText: 31,
      findings: [{ value: 'a a', spans: [{ part: 'body', start: 0, end: 3 }] }],
    })
    // Others had their turn between any two of them.
    expect(turns).toBeGreaterThan(30)
  })

  test('that says another thing than the analysis keeps both', async () => {
    const { differs } = await ask(createWriter(JSON.stringify(whole)))
    expect(differs).toContainEqual({ field: 'sentiment', analysis: ['negative'], model: ['positive'] })
    const agreed = { sentiment: { value: 'negative', quote: 'terrible and sad' } }
    const fields = (await ask(createWriter(JSON.stringify(agreed)))).differs.map(({ field }) => field)
    expect(fields).not.toContain('sentiment')
  })

  test.each([
    ['no JSON', createWriter('I would rather not.')],
    ['another shape', createWriter('{"hooks":[{"value":"magic","quote":"I"}]}')],
    ['half of it', createWriter('{"hooks":', 'too long')],
  ])('of a model that answers %s is a problem, and no findings', async (_, writer) => {
    const opinion = await ask(writer)
    expect(opinion).toMatchObject({ findings: [], differs: [], targetAudience: null })
    expect(opinion.problem).not.toBeNull()
  })

  test('is not asked for where the prompt alone would pass the budget', async () => {
    const writer = createWriter('{}')
    expect(await ask(writer, 10)).toMatchObject({ tokens: 0, problem: expect.stringContaining('not whole') })
    expect(writer.asked).toEqual([])
  })

  test('of an endpoint that fails is tried another time', async () => {
    await expect(ask(createWriter('', 'failed'))).rejects.toThrow(WriterError)
  })
})

describe('stored contents', () => {
  let database: TestDatabase
  let deps: Deps
  let ids: string[]
  beforeAll(async () => {
    database = await createTestDatabase(inject('databaseTemplate'))
    deps = await createTestDeps(database)
    await ingestLines(
      deps,
      [1, 2, 3].map((n) => contentLine({ ...text, title: `Slow builds ${n}`, author: 'Ana' })),
    )
    const author = await deps.db.selectFrom('authors').select('id').executeTakeFirstOrThrow()
    const admin = await createAccount(deps, { scope: 'admin' })
    await admin.as().analysis.author({ id: author.id })
    ids = (await deps.db.selectFrom('contents').select('id').orderBy('id').execute()).map(({ id }) => id)
  })
  afterAll(() => database.close())
  const read = async (id: string) => (await createTestCaller(deps).analysis.byContent({ id })).analysis

  test('have the opinion beside their analysis, which stays as it is', async () => {
    const [id = ''] = ids
    const before = await read(id)
    expect(before).not.toHaveProperty('secondOpinion')
    const writer = createWriter(JSON.stringify(whole))
    const opinions = createSecondOpinions({ ...deps, writer, analysisTokensPerDay: 100_000 })
    opinions.add([id])
    expect(await opinions.next(signal)).toBe(false)
    const { secondOpinion, ...after } = await read(id)
    expect(after).toEqual(before)
    expect(secondOpinion).toMatchObject({ model: 'm', targetAudience: 'Programmers' })
  })

  test('are not asked about beyond the tokens of a day, also by a server that was started anew', async () => {
    const writer = createWriter(JSON.stringify(whole))
    const { tokens = 0 } = (await read(ids[0] as string)).secondOpinion ?? {}
    expect(tokens).toBeGreaterThan(0)
    let now = Date.now()
    const opinions = createSecondOpinions({ ...deps, writer, analysisTokensPerDay: 1500 + tokens }, () => now)
    opinions.add(ids.slice(1))
    expect(await opinions.next(signal)).toBe(true)
    expect(await opinions.next(signal)).toBe(false)
    expect(writer.asked).toHaveLength(1)
    now += 86_400_001
    await opinions.next(signal)
    expect(writer.asked).toHaveLength(2)
    await opinions.close()
  })

  test('are asked for by one server at a time, and what each has used counts for all', async () => {
    const writer = createWriter(JSON.stringify(whole))
    const { tokens = 0 } = (await read(ids[0] as string)).secondOpinion ?? {}
    const open = () => createSecondOpinions({ ...deps, writer, analysisTokensPerDay: 1500 + 4 * tokens })
    const [one, other] = [open(), open()]
    one.add(ids)
    other.add(ids)
    const before = writer.asked.length
    expect(await one.next(signal)).toBe(true)
    expect(await other.next(signal)).toBe(false)
    expect(writer.asked.length - before).toBe(1)
    await one.close()
    for (let turn = 0; turn < 10; turn++) await other.next(signal)
    const stored = await Promise.all(ids.map(read))
    const used = stored.reduce((sum, { secondOpinion }) => sum + (secondOpinion?.tokens ?? 0), 0)
    expect(used).toBeLessThanOrEqual(1500 + 4 * tokens)
    await other.close()
  })

  test('are not asked about without a model, or with a budget of 0', async () => {
    const writer = createWriter('{}')
    for (const rest of [
      { writer, analysisTokensPerDay: 0 },
      { writer: undefined, analysisTokensPerDay: 9999 },
    ]) {
      const opinions = createSecondOpinions({ ...deps, ...rest })
      opinions.add(ids)
      expect(await opinions.next(signal)).toBe(false)
    }
    expect(writer.asked).toEqual([])
  })

  test('whose call fails are asked about behind the others, three times in all', async () => {
    const [refused = '', ...others] = ids
    const asked: string[] = []
    const writer: AnswerWriter = {
      model: 'm',
      async *write({ user }) {
        asked.push(/Slow builds \d/.exec(user)?.[0] ?? '')
        if (user.includes(titleOf(refused))) throw new WriterError('no')
        yield JSON.stringify(whole)
      },
    }
    const titles = await deps.db.selectFrom('contents').select(['id', 'title']).execute()
    const titleOf = (id: string) => titles.find((each) => each.id === id)?.title ?? ''
    const opinions = createSecondOpinions({ ...deps, writer, analysisTokensPerDay: 1e6 })
    opinions.add([refused, ...others])
    for (let turn = 0; turn < 10; turn++) await opinions.next(signal).catch(() => {})
    expect(asked).toEqual([refused, ...others, refused, refused].map(titleOf))
  })
})
