import { growth } from '@extropy/intake/testing'
import { expect, test } from 'vitest'
import { type Analysis, analyseText } from './analyse-text.ts'
import { mostCharacters } from './read-text.ts'

const pitch = `Are you tired of slow builds? Most teams waste hours every week, because nothing is cached. Studies show that a build of ten minutes costs the whole day.

Imagine a build that is done before your coffee. You'll finally ship without fear, and your team will love it.

Sign up today and get the first month free.`

test('the same text gives the same findings, bit for bit', () => {
  const given = { title: 'Faster builds', body: pitch }
  expect(JSON.stringify(analyseText(given))).toBe(JSON.stringify(analyseText({ ...given })))
})

test('a pitch has its framework, its call and its pain, each with its words', () => {
  const { frameworks, callToAction, painPoints } = analyseText({ title: '', body: pitch })
  expect(frameworks.map(({ value }) => value)).toContain('AIDA')
  const aida = frameworks.find(({ value }) => value === 'AIDA')
  expect(aida?.roles.map(({ role }) => role)).toEqual(['attention', 'interest', 'desire', 'action'])
  expect(callToAction[0]?.value).toBe('Sign up today and get the first month free.')
  expect(painPoints.map(({ value }) => value)).toContain('Are you tired of slow builds?')
})

test('every span of the body stands where it says', () => {
  const body = `# On *order*\n\nI **struggle** with [long](https://example.org) lists. ${pitch}\n\n- one item\n- another`
  const analysis = analyseText({ title: 'On order', body })
  for (const { value, spans } of [...analysis.callToAction, ...analysis.painPoints]) {
    for (const { start, end } of spans) {
      const plain = body.slice(start, end).replace(/\*|\[|\]\([^)]*\)/g, '')
      expect(plain).toBe(value)
    }
  }
  const spans = Object.values(analysis)
    .filter(Array.isArray)
    .flat()
    .flatMap((finding: { spans?: Analysis['themes'][number]['spans'] }) => finding.spans ?? [])
  expect(spans.length).toBeGreaterThan(5)
  for (const { part, start, end } of spans) {
    expect(start).toBeLessThan(end)
    expect(end).toBeLessThanOrEqual(part === 'title' ? 8 : body.length)
  }
})

test('a report sells nothing', () => {
  const body = 'The committee met in Geneva. It heard reports from six regions. The next session is planned for autumn.'
  const { frameworks, hooks, callToAction, painPoints } = analyseText({ title: 'Minutes', body })
  expect({ frameworks, hooks, callToAction, painPoints }).toEqual({
    frameworks: [],
    hooks: [],
    callToAction: [],
    painPoints: [],
  })
})

test('feelings are told', () => {
  const feelingOf = (body: string) => analyseText({ title: '', body }).sentiment?.value.label
  expect(feelingOf('I love this book. It is wonderful, funny and wise!')).toBe('positive')
  expect(feelingOf('What a horrible waste of time. It is broken, and support is rude.')).toBe('negative')
})

const french =
  'La bibliothèque municipale ouvre ses portes aux enfants du quartier. Les enfants y trouvent des livres, et la bibliothèque municipale organise des lectures chaque semaine.'

test('another language gets what does not depend on one, and says what was left out', () => {
  const { language, themes, readability, sentiment, leftOut } = analyseText({ title: '', body: french })
  expect(language).toBe('fr')
  expect(themes.map(({ value }) => value.toLowerCase())).toContain('bibliothèque municipale')
  expect(readability?.value.readingEase).toBeNull()
  expect(sentiment).toBeNull()
  expect(leftOut.flatMap(({ fields }) => fields)).toContain('sentiment')
})

test.each([
  ['nothing', ''],
  ['only code', '```js\nconst a = await load()\n```'],
  ['only an image', '![](https://example.org/a.png)'],
])('%s has no finding, and that is said', (_, body) => {
  const { themes, keyInsights, hooks, sentiment, readability, leftOut } = analyseText({ title: '', body })
  expect({ themes, keyInsights, hooks, sentiment, readability }).toEqual({
    themes: [],
    keyInsights: [],
    hooks: [],
    sentiment: null,
    readability: null,
  })
  expect(leftOut.map(({ reason }) => reason)).toContain(
    'the body has no sentence: it is empty, or code, tables or images',
  )
})

test.each([
  ['one word', 'Entropy'],
  ['quotes within quotes', '>'.repeat(40_000)],
  ['only links', '<https://example.org/a> <https://example.org/b>'],
  ['another script', '図書館は毎日開いています。子供たちは本を読みます。'],
])('%s is read without an error', (_, body) => {
  const { hooks, frameworks } = analyseText({ title: '', body })
  expect({ hooks, frameworks }).toEqual({ hooks: [], frameworks: [] })
})

test('of a megabyte the beginning is read, in a moment, and that is said', () => {
  const startedAt = performance.now()
  const { leftOut } = analyseText({ title: '', body: `${pitch}\n\n`.repeat(2500) })
  expect(performance.now() - startedAt).toBeLessThan(5000)
  expect(leftOut.map(({ reason }) => reason)).toContain(`only the first ${mostCharacters} characters were read`)
})

test.each(['!x', '1,', '_a', 'a', '“'])(
  '%s again and again takes in proportion to the length',
  async (unit) => {
    const analyse = (size: number) => analyseText({ title: '', body: unit.repeat(size / unit.length) })
    expect(await growth(analyse, 10_000, { rounds: 2, leastUs: 2000 })).toBeLessThan(9)
  },
  60_000,
)
