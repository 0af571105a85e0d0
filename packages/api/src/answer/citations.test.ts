import fc from 'fast-check'
import { expect, test } from 'vitest'
import { citeSentences } from './citations.ts'

const ids = ['a:0', 'b:1', 'c:2']
const cite = async (...pieces: string[]) => {
  async function* stream() {
    yield* pieces
  }
  const sentences = []
  for await (const sentence of citeSentences(stream(), ids)) sentences.push(sentence)
  return sentences
}

test('each sentence has the passages that it cites, whether the citation stands before or after its mark', async () => {
  expect(await cite('Cats purr [1]. Dogs bark. [2, 3] Fish swim.')).toEqual([
    { text: 'Cats purr.', citations: ['a:0'], rejected: [] },
    { text: 'Dogs bark.', citations: ['b:1', 'c:2'], rejected: [] },
    { text: 'Fish swim.', citations: [], rejected: [] },
  ])
})

test('a stream may be cut anywhere, also inside a citation', async () => {
  const text = 'Cats purr [1]. Dogs bark [2,3].\nFish swim [1][2].'
  expect(await cite(...text)).toEqual(await cite(text))
  expect((await cite(...text)).map(({ citations }) => citations)).toEqual([['a:0'], ['b:1', 'c:2'], ['a:0', 'b:1']])
})

test('a citation after white space is the sentence before, also where the stream is cut between them', async () => {
  expect(await cite('Foo bar. ', '[1] Next one. [2]')).toEqual([
    { text: 'Foo bar.', citations: ['a:0'], rejected: [] },
    { text: 'Next one.', citations: ['b:1'], rejected: [] },
  ])
  expect((await cite('Foo bar.\n', '[1]\n', 'Next one.')).map(({ citations }) => citations)).toEqual([['a:0'], []])
})

test('。！？ end a sentence without white space', async () => {
  const said = (await cite('日本語です。[1]次の文です。[2]「本当！？」はい。')).map(({ text, citations }) => [
    text,
    citations,
  ])
  expect(said).toEqual([
    ['日本語です。', ['a:0']],
    ['次の文です。', ['b:1']],
    ['「本当！？」', []],
    ['はい。', []],
  ])
})

const said = [
  ...[
    'Cats purr',
    'Is 3.5 so',
    '日本語です',
    '「はい',
    'see arr[i]',
    '. ',
    '.',
    '! ',
    '?"',
    '。',
    '！？',
    '」',
    '"',
    ')',
  ],
  ...[
    ' ',
    '  ',
    '\n',
    '\n\n',
    '[1]',
    ' [2]',
    ' [1, 3]',
    '[1-2]',
    ' [Passage 2]',
    '[',
    ']',
    '[1',
    '2',
    ',',
    '-',
    '[Note]',
    ' [1]'.repeat(21),
  ],
]

test.each([
  ['', said, 2000],
  [', also where some are cut for their length', [...said, 'x y '.repeat(450), 'z'.repeat(700)], 100],
] as const)('wherever a stream is cut, its sentences are the same%s', async (_, parts, numRuns) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...parts), { maxLength: 14 }).map((chosen) => chosen.join('')),
      fc.infiniteStream(fc.integer({ min: 1, max: 4 })),
      async (text, lengths) => {
        const whole = await cite(text)
        expect(await cite(...text)).toEqual(whole)
        const pieces: string[] = []
        for (let at = 0; at < text.length; at += pieces.at(-1)?.length ?? 1) {
          pieces.push(text.slice(at, at + (lengths.next().value ?? 1)))
        }
        expect(await cite(...pieces)).toEqual(whole)
        expect(whole.flatMap(({ citations }) => citations).every((id) => ids.includes(id))).toBe(true)
      },
    ),
    { numRuns },
  )
})

test('a model that repeats itself without end is read in no time', async () => {
  const startedAt = performance.now()
  const text = `Foo.${' [1]\n'.repeat(2000)}`
  expect(await cite(...(text.match(/.{1,4}/gs) ?? []))).toMatchObject([{ text: 'Foo.', citations: ['a:0'] }])
  // 0.01 s; a minute where each line's end looks back over all the citations before it.
  expect(performance.now() - startedAt).toBeLessThan(5000)
})

test.each([
  ['[1-2]', ['a:0', 'b:1'], []],
  ['[2–3]', ['b:1', 'c:2'], []],
  ['[3-2]', ['b:1', 'c:2'], []],
  ['[1, 2 - 3]', ['a:0', 'b:1', 'c:2'], []],
  ['[0-1]', ['a:0'], [0]],
  ['[2-5]', ['b:1', 'c:2'], [5]],
  ['[7-9]', [], [7, 9]],
  ['[1-999999999]', ['a:0', 'b:1', 'c:2'], [999_999_999]],
  ['[passage 1]', ['a:0'], []],
  ['[Passage 1, passage 3]', ['a:0', 'c:2'], []],
  ['[passages 1-2]', ['a:0', 'b:1'], []],
])('%s cites what exists of it', async (citation, citations, rejected) => {
  expect(await cite(`Cats purr ${citation}.`)).toEqual([{ text: 'Cats purr.', citations, rejected }])
})

test.each(['[0]', '[4]', '[999999999999999]'])(
  'a number that no passage has never becomes a citation: %s',
  async (number) => {
    const [sentence] = await cite(`Pigs fly ${number}.`)
    expect(sentence).toMatchObject({ text: 'Pigs fly.', citations: [], rejected: [Number(number.slice(1, -1))] })
  },
)

test('a number of more digits than a number in JSON keeps is no citation, and stays as it stands', async () => {
  const text = `Pigs fly [${'9'.repeat(400)}].`
  expect(await cite(text)).toEqual([{ text, citations: [], rejected: [] }])
})

test('text without a sentence end is cut at white space, at the same places however the stream is cut', async () => {
  for (const text of [
    'abc '.repeat(2000),
    `${'x'.repeat(1990)} and [1, 2] `.repeat(3),
    '😀'.repeat(3001),
    'y'.repeat(5000),
  ]) {
    const sentences = await cite(text)
    expect(sentences.length).toBeGreaterThan(2)
    for (const sentence of sentences) {
      expect(sentence.text.length).toBeLessThanOrEqual(2000)
      expect(sentence.text.isWellFormed()).toBe(true)
      expect(sentence.text).not.toMatch(/[[\]]/)
    }
    const letters = (said: string) => said.replaceAll(/\s|\[1, 2\]/g, '')
    expect(letters(sentences.map((sentence) => sentence.text).join(''))).toBe(letters(text))
    expect(await cite(...(text.match(/.{1,7}/gsu) ?? []))).toEqual(sentences)
  }
})

test('a sentence that does not end costs no more for each further piece', async () => {
  async function* stream() {
    for (let n = 0; n < 128_000; n++) yield 'abc '
  }
  const before = process.cpuUsage()
  expect(await Array.fromAsync(citeSentences(stream(), ids))).toHaveLength(257)
  // 0.12 s; 1.2 s where each piece searches the 2,000 characters before it again.
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(700)
})

test('an empty stream is no sentence', async () => {
  expect(await cite('', ' \n ')).toEqual([])
})
