import { Readable } from 'node:stream'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { InputError, readLines } from './read-lines.ts'

/** The lines that came, and the error after them. */
const read = async (source: Readable) => {
  const lines: (readonly [number, string | undefined])[] = []
  try {
    for await (const { number, text, problem } of readLines(source)) lines.push([number, text ?? problem])
    return { lines, error: undefined }
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return { lines, error: error.message }
  }
}
const linesOf = async (...chunks: Buffer[]) => {
  const { lines, error } = await read(Readable.from(chunks))
  expect(error).toBeUndefined()
  return lines
}

test('lines are numbered as an editor does; blank ones are passed over', async () => {
  expect(await linesOf(Buffer.from('\uFEFF{a\n\n b \r\n\nc'))).toEqual([
    [1, '{a'],
    [3, ' b \r'],
    [5, 'c'],
  ])
  expect(await linesOf()).toEqual([])
  expect(await linesOf(Buffer.from(''))).toEqual([])
})

test('a line may arrive in pieces, also in the middle of a character', async () => {
  const bytes = Buffer.from('{é\n😀')
  expect(await linesOf(...[...bytes].map((byte) => Buffer.from([byte])))).toEqual([
    [1, '{é'],
    [2, '😀'],
  ])
})

test('gzip is recognised, also in pieces, and in several members', async () => {
  const zipped = Buffer.concat([gzipSync('{a\nb'), gzipSync('c\n')])
  expect(await linesOf(zipped.subarray(0, 5), zipped.subarray(5))).toEqual([
    [1, '{a'],
    [2, 'bc'],
  ])
})

test('of a gzip file that is cut all that can be unpacked comes, and then an error', async () => {
  const text = Array.from({ length: 3000 }, (_, n) => `{"n":${n},"body":"${Math.random()}"}\n`).join('')
  const zipped = gzipSync(text)
  for (const share of [0.01, 0.5, 0.9, 1 - 1 / zipped.length]) {
    const cut = zipped.subarray(0, zipped.length * share)
    // zlib's own reading, which does not mind the cut.
    const unpacked = gunzipSync(cut, { finishFlush: 2 }).toString()
    for (const size of [100, 65_536]) {
      const pieces = Array.from({ length: Math.ceil(cut.length / size) }, (_, n) =>
        cut.subarray(n * size, (n + 1) * size),
      )
      const { lines, error } = await read(Readable.from(pieces))
      expect(lines.map(([, line]) => line)).toEqual(unpacked.split('\n').slice(0, -1))
      expect(error).toBe('it breaks off: unexpected end of file')
    }
  }
})

test('data that is no gzip any more is an error after all but the last 16 kB before it, which zlib keeps to itself', async () => {
  const text = '{"line":1}\n'.repeat(10_000)
  // A second member of an unknown method.
  const { lines, error } = await read(Readable.from([Buffer.concat([gzipSync(text), Buffer.from('1f8bffff', 'hex')])]))
  expect(lines.length).toBeGreaterThan((text.length - 16_384) / 11 - 1)
  expect(error).toBe('it breaks off: unknown compression method')
})

test('lines come while gzip is still being unpacked', async () => {
  let pulled = 0
  const piece = gzipSync(`${'{"line":1}'.padEnd(1000)}\n`.repeat(1000))
  const source = Readable.from(
    (async function* () {
      for (; pulled < 100; pulled++) yield piece
    })(),
  )
  for await (const line of readLines(source)) {
    expect(line.number).toBe(1)
    break
  }
  // The stream reads so much ahead; 100 where the whole file is unpacked first.
  expect(pulled).toBeLessThan(40)
})

test.each([10, 20_000])('a source that fails after %d lines loses none of them', async (count) => {
  const failing = Readable.from(
    (async function* () {
      yield Buffer.from('{"line":1}\n'.repeat(count))
      yield Buffer.from('{"li')
      throw new Error('read EIO')
    })(),
  )
  const { lines, error } = await read(failing)
  expect(lines).toHaveLength(count)
  expect(error).toBe('it breaks off: read EIO')
})

test('bytes that are not UTF-8 are one bad line', async () => {
  expect(await linesOf(Buffer.from('{a\n\xff\nb', 'latin1'))).toEqual([
    [1, '{a'],
    [2, 'must be UTF-8'],
    [3, 'b'],
  ])
})

test('a line that is too long takes no memory, says so, and the lines behind it are read', async () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage: () => void = runInNewContext('gc')
  const heldBytes = () => {
    collectGarbage()
    return process.memoryUsage().arrayBuffers
  }
  const chunk = Buffer.alloc(1_000_000, 'x')
  let most = 0
  const source = Readable.from(
    (async function* () {
      yield Buffer.from('{"a":1}\n{"b":"')
      for (let n = 0; n < 600; n++) {
        if (n % 50 === 0) most = Math.max(most, heldBytes())
        yield Buffer.from(chunk)
      }
      yield Buffer.from('\n{"c":1}\n')
    })(),
  )
  const before = heldBytes()
  expect((await read(source)).lines).toEqual([
    [1, '{"a":1}'],
    [2, 'must be at most 33,554,432 bytes: it has 600,000,006'],
    [3, '{"c":1}'],
  ])
  // 33 MB of the line and what the stream reads ahead; 600 MB where all of it is kept.
  expect(most - before).toBeLessThan(150e6)
})

test.each([
  ['a JSON array', '[\n  {"title": "a"}\n]', /a JSON array.*jq -c '\.\[\]' FILE/],
  ['a JSON array on one line', '[{"title":"a"}]', /a JSON array/],
  ['JSON over several lines', '{\n  "title": "a"\n}', /over several lines.*jq -c \. FILE/],
  ['a script of an X archive', 'window.YTD.tweets.part0 = [\n {"tweet":{}} ]', /X or Twitter archive/],
  ['CSV', 'title,url,time_added\nA,https://a.org,1\n', /CSV.*begins with "title,url,time_added"/],
  ['Markdown', '---\ntitle: a\n---\ntext', /Markdown/],
  ['XML', '<?xml version="1.0"?>\n<rss>', /XML or HTML/],
  ['prose', 'Dear diary\nall is well\n', /some other text.*"Dear diary"/],
  ['UTF-16 with its mark', Buffer.from('\uFEFF{"a":1}\n', 'utf16le'), /UTF-16.*iconv/],
  ['UTF-16 without it', Buffer.from('{"a":1}\n', 'utf16le'), /UTF-16.*iconv/],
  ['big-endian UTF-16', Buffer.from('\uFEFF{"a":1}\n', 'utf16le').swap16(), /UTF-16.*iconv/],
  ['a zip archive', Buffer.from('PK\x03\x04rest'), /zip archive: unpack/],
  ['lines that end in carriage returns', '{"a":1}\r{"a":2}\r', /carriage returns/],
])('%s is recognised, and is one error instead of a bad line a line', async (_, file, message) => {
  for (const bytes of [Buffer.from(file), gzipSync(file)]) {
    const { lines, error } = await read(Readable.from([bytes.subarray(0, 12), bytes.subarray(12)]))
    expect(lines).toEqual([])
    expect(error).toMatch(message)
  }
})

test('a file whose first lines are bad is still JSON Lines', async () => {
  expect(await linesOf(Buffer.from('title,body\n{"a":1}\n[1]\n'))).toHaveLength(3)
  expect(await linesOf(Buffer.from('\uFEFF  {"cut\n'))).toHaveLength(1)
})
