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

test.each(['[0]', '[4]', '[99999999999999999999]'])(
  'a number that no passage has never becomes a citation: %s',
  async (number) => {
    const [sentence] = await cite(`Pigs fly ${number}.`)
    expect(sentence).toMatchObject({ text: 'Pigs fly.', citations: [], rejected: [Number(number.slice(1, -1))] })
  },
)

test('an empty stream is no sentence', async () => {
  expect(await cite('', ' \n ')).toEqual([])
})
