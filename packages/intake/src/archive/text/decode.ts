import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { detect } from 'chardet'
import { ArchiveError } from '../archive-error.ts'
import type { Entry } from '../container/container.ts'

/** Bytes that tell what a file is, and in which encoding. */
const headBytes = 65_536

/** A file that is read whole may have as much; longer ones are read as a stream. */
const maxWholeBytes = 64 * 2 ** 20

/** Unpacked for each packed byte: gzip reaches 1,032, text 20. */
const maxRatio = 200

export class TooLargeError extends Error {
  override readonly name = 'TooLargeError'
}

/** The file's text as UTF-8 without a byte order mark, whatever it was written in; gzip is unpacked. */
export async function* utf8Chunks(entry: Entry): AsyncGenerator<Buffer> {
  const chunks = unpacked(await entry.open(), entry.size)[Symbol.asyncIterator]()
  try {
    const first: Buffer[] = []
    let length = 0
    while (length < headBytes) {
      const { done, value } = await chunks.next()
      if (done) break
      first.push(value)
      length += value.length
    }
    const head = Buffer.concat(first)
    const encoding = encodingOf(head)
    const rest = { [Symbol.asyncIterator]: () => chunks }
    if (encoding === 'utf-8') {
      yield head.subarray(head[0] === 0xef && head[1] === 0xbb ? 3 : 0)
      yield* rest
    } else {
      const decoder = new TextDecoder(encoding)
      yield Buffer.from(decoder.decode(head, { stream: true }))
      for await (const chunk of rest) yield Buffer.from(decoder.decode(chunk, { stream: true }))
      yield Buffer.from(decoder.decode())
    }
  } finally {
    await chunks.return?.(undefined)
  }
}

/** @throws TooLargeError */
export async function wholeText(entry: Entry): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of utf8Chunks(entry)) {
    chunks.push(chunk)
    length += chunk.length
    if (length > maxWholeBytes) throw new TooLargeError(`is longer than ${maxWholeBytes / 2 ** 20} MiB`)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Text in pieces that end anywhere but inside a character. */
export async function* textChunks(entry: Entry): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8')
  for await (const chunk of utf8Chunks(entry)) yield decoder.decode(chunk, { stream: true })
  yield decoder.decode()
}

/** A file's first bytes, unpacked, as they are. */
export async function headOf(entry: Entry): Promise<Buffer> {
  const parts: Buffer[] = []
  let length = 0
  for await (const chunk of unpacked(await entry.open(), entry.size)) {
    parts.push(chunk)
    length += chunk.length
    if (length >= headBytes) break
  }
  return Buffer.concat(parts).subarray(0, headBytes)
}

export function decodeHead(head: Buffer): string {
  return new TextDecoder(encodingOf(head)).decode(head, { stream: true })
}

async function* unpacked(chunks: AsyncIterable<Buffer>, packedBytes: number): AsyncGenerator<Buffer> {
  const iterator = chunks[Symbol.asyncIterator]()
  const { done, value } = await iterator.next()
  if (done) return
  const all = (async function* () {
    yield value
    yield* { [Symbol.asyncIterator]: () => iterator }
  })()
  if (value[0] !== 0x1f || value[1] !== 0x8b) {
    yield* all
    return
  }
  const limitBytes = Math.max(64 * 2 ** 20, packedBytes * maxRatio)
  let length = 0
  for await (const chunk of pipeline(all, createGunzip(), () => {})) {
    length += chunk.length
    if (length > limitBytes) throw new ArchiveError('bomb', 'unpacks to far more than any true export does')
    yield chunk
  }
}

/** Byte order mark, then UTF-8 where the bytes are, then what the file says of itself, then a guess. */
function encodingOf(head: Buffer): string {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be'
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true })
    return 'utf-8'
  } catch {}
  const start = head.subarray(0, 2048).toString('latin1')
  const said = /(?:encoding|charset)\s*=\s*["']?([\w-]+)/i.exec(start)?.[1]
  return [said, detect(head), 'windows-1252'].find((label) => label && isEncoding(label)) ?? 'utf-8'
}

function isEncoding(label: string): boolean {
  try {
    // A file that says that it is UTF-8 has been found not to be.
    return new TextDecoder(label).encoding !== 'utf-8'
  } catch {
    return false
  }
}
