import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { readLines } from './read-lines.ts'

const linesOf = async (...chunks: Buffer[]) => {
  const lines = []
  for await (const { number, text } of readLines(Readable.from(chunks))) lines.push([number, text])
  return lines
}

test('lines are numbered as an editor does; blank ones are passed over', async () => {
  expect(await linesOf(Buffer.from('\uFEFFa\n\n b \r\n\nc'))).toEqual([
    [1, 'a'],
    [3, ' b \r'],
    [5, 'c'],
  ])
  expect(await linesOf()).toEqual([])
})

test('a line may arrive in pieces, also in the middle of a character', async () => {
  const bytes = Buffer.from('é\n😀')
  expect(await linesOf(...[...bytes].map((byte) => Buffer.from([byte])))).toEqual([
    [1, 'é'],
    [2, '😀'],
  ])
})

test('gzip is recognised, also in pieces', async () => {
  const zipped = gzipSync('a\nb\n')
  expect(await linesOf(zipped.subarray(0, 5), zipped.subarray(5))).toEqual([
    [1, 'a'],
    [2, 'b'],
  ])
})

test('a cut gzip file is an error, not a shorter file', async () => {
  await expect(linesOf(gzipSync('a\n'.repeat(1000)).subarray(0, 30))).rejects.toThrow('unexpected end of file')
})

test('bytes that are not UTF-8 are one bad line', async () => {
  expect(await linesOf(Buffer.from([0x61, 0x0a, 0xff, 0x0a, 0x62]))).toEqual([
    [1, 'a'],
    [2, undefined],
    [3, 'b'],
  ])
})
