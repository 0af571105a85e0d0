import { isUtf8 } from 'node:buffer'
import type { Readable } from 'node:stream'
import { gunzip } from './gunzip.ts'
import { otherFormatOf } from './other-format.ts'

/** One line of a file, as it was. */
export type Line = {
  readonly number: number
  /** Of an archive's item: its file and its id there. */
  readonly place?: string
} & (
  | { readonly bytes: Buffer; readonly text: string; readonly problem?: undefined }
  /** One that cannot be read; `bytes` is undefined where there are too many to keep. */
  | { readonly bytes: Buffer | undefined; readonly text?: undefined; readonly problem: string }
)

/** The input breaks off, or is not JSON Lines; the lines that came before are good. */
export class InputError extends Error {
  override readonly name = 'InputError'
}

/** The bytes of a body of 5,000,000 characters, each written as an escape of six bytes, and some more. */
const maxLineBytes = 32 * 2 ** 20
/** Enough of a file to tell what it is. */
const headBytes = 16_384
const lineFeed = 0x0a

/**
 * The non-blank lines of a byte stream. A byte order mark is skipped; gzip is recognised by its first two bytes.
 * `onBytes` hears of every piece read, as it was before decompression.
 *
 * @throws InputError after all lines that stand whole before the break.
 */
export async function* readLines(source: Readable, onBytes: (bytes: number) => void = () => {}): AsyncGenerator<Line> {
  let number = 0
  try {
    for await (const line of splitLines(checked(decompressed(counted(source, onBytes))))) {
      number++
      const read = readLine(number, line)
      if (read.problem !== undefined || read.text.trim() !== '') yield read
    }
  } catch (error) {
    if (error instanceof InputError) throw error
    throw new InputError(`it breaks off: ${(error as Error).message}`, { cause: error })
  }
}

async function* counted(source: Readable, onBytes: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of source as AsyncIterable<Buffer>) {
    onBytes(chunk.length)
    yield chunk
  }
}

async function* decompressed(chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const { done, value } = await chunks.next()
  if (done) return
  const all = (async function* () {
    yield value
    yield* chunks
  })()
  yield* value[0] === 0x1f && value[1] === 0x8b ? gunzip(all) : all
}

/** Lets JSON Lines pass; any other format is one clear error, not a bad line a line. */
async function* checked(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let head: Buffer | undefined = Buffer.alloc(0)
  const check = (bytes: Buffer) => {
    const other = otherFormatOf(bytes)
    if (other !== undefined) throw new InputError(`it is not JSON Lines, but ${other}`)
    return bytes
  }
  try {
    for await (const chunk of chunks) {
      if (head === undefined) {
        yield chunk
        continue
      }
      head = Buffer.concat([head, chunk])
      if (head.length < headBytes) continue
      yield check(head)
      head = undefined
    }
  } catch (error) {
    if (head !== undefined && !(error instanceof InputError)) yield check(head)
    throw error
  }
  if (head !== undefined) yield check(head)
}

/** The lines' bytes; of one that is too long only how many there are, since nobody knows how many come. */
async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer | number> {
  let parts: Buffer[] = []
  let length = 0
  const add = (part: Buffer) => {
    length += part.length
    if (length > maxLineBytes) parts = []
    else parts.push(part)
  }
  const end = () => {
    const line = length > maxLineBytes ? length : Buffer.concat(parts)
    parts = []
    length = 0
    return line
  }
  for await (const chunk of chunks) {
    let start = 0
    for (let at = chunk.indexOf(lineFeed); at !== -1; at = chunk.indexOf(lineFeed, start)) {
      add(chunk.subarray(start, at))
      yield end()
      start = at + 1
    }
    add(chunk.subarray(start))
  }
  if (length > 0) yield end()
}

function readLine(number: number, line: Buffer | number): Line {
  if (typeof line === 'number') {
    const problem = `must be at most ${maxLineBytes.toLocaleString('en')} bytes: it has ${line.toLocaleString('en')}`
    return { number, bytes: undefined, problem }
  }
  if (!isUtf8(line)) return { number, bytes: line, problem: 'must be UTF-8' }
  return { number, bytes: line, text: line.toString('utf8').replace(/^\uFEFF/, '') }
}
