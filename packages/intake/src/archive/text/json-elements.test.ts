import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
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

test('a key of 1,024 bytes is as good as any; a longer one is none of those that are wanted', async () => {
  const key = 'k'.repeat(1024)
  expect((await read(`{"${key}":[1]}`, [key], 100)).values).toEqual([1])
  expect((await read(`{"${key}k":[1],"list":[2]}`, [`${key}k`, 'list'], 100)).values).toEqual([2])
})

test('a key of 40 MB is read with a heap of 32 MB', async () => {
  const { href } = new URL('./json-elements.ts', import.meta.url)
  const script = `
    const { jsonElements } = await import(${JSON.stringify(href)})
    async function* chunks() {
      yield Buffer.from('{"')
      for (let n = 0; n < 640; n++) yield Buffer.alloc(65536, 0x6b)
      yield Buffer.from('":1,"list":["found"]}')
    }
    for await (const { text } of jsonElements(chunks(), ['list'])) process.stdout.write(text)`
  const child = ['--max-old-space-size=32', '--input-type=module', '--eval', script]
  expect((await promisify(execFile)(process.execPath, child)).stdout).toBe('"found"')
})

test('a list that is 1,000 levels deep, or deeper, ends with what came before', async () => {
  const text = `{"list":[1,2],"deep":${'['.repeat(2000)}`
  for (const size of [7, 5000]) expect(await read(text, ['list'], size)).toEqual({ values: [1, 2], cut: true })
  const elements = jsonElements(inPieces(text, 100), ['list'])
  await expect(Array.fromAsync(elements)).rejects.toThrow('it is nested more than 1000 levels deep')
})
