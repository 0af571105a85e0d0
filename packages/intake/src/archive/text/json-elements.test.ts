import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JsonCutError, jsonElements } from './json-elements.ts'

async function* inPieces(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function read(text: string, paths: readonly string[], size: number) {
  const values: unknown[] = []
  try {
    for await (const { text: element } of jsonElements(inPieces(text, size), paths)) values.push(JSON.parse(element))
  } catch (error) {
    if (!(error instanceof JsonCutError)) throw error
    return { values, cut: true }
  }
  return { values, cut: false }
}

test('whatever a list holds, and wherever the pieces end, its elements are those of JSON.parse', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.jsonValue()),
      fc.integer({ min: 1, max: 9 }),
      fc.boolean(),
      async (list, size, spaced) => {
        const text = JSON.stringify(list, null, spaced ? 2 : 0)
        const expected = JSON.parse(text)
        expect(await read(text, [''], size)).toEqual({ values: expected, cut: false })
        expect(await read(`{"a":{"list":[9]},"b":[{"list":${text},"x":"list"}]}`, ['b.*.list'], size)).toEqual({
          values: expected,
          cut: false,
        })
      },
    ),
  )
})

test('a list that is cut anywhere gives the whole elements before the cut, and says so', async () => {
  const list = [{ a: '"]}' }, 'x\\"y', 12, [1, [2]], null, { b: {} }]
  const text = `window.YTD.tweets.part0 = ${JSON.stringify(list)}`
  for (let end = 0; end < Buffer.byteLength(text) - 1; end++) {
    const { values, cut } = await read(text.slice(0, end), [''], 7)
    expect(cut).toBe(true)
    expect(values).toEqual(list.slice(0, values.length))
  }
  expect((await read(text, [''], 7)).values).toEqual(list)
})
