import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

/** One line of a file, as it was. */
export interface Line {
  /** 1 for the first. */
  readonly number: number
  readonly bytes: Buffer
  /** Undefined where the bytes are not UTF-8. */
  readonly text: string | undefined
}

const lineFeed = 0x0a

/**
 * The non-blank lines of a byte stream. A byte order mark is skipped; gzip is recognised by its first two bytes.
 * `onBytes` hears of every piece read, as it was before decompression.
 */
export async function* readLines(source: Readable, onBytes: (bytes: number) => void = () => {}): AsyncGenerator<Line> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let number = 0
  for await (const bytes of splitLines(await gunzipped(source, onBytes))) {
    number++
    const text = decode(decoder, bytes)
    if (text === undefined || text.trim() !== '') yield { number, bytes, text }
  }
}

async function gunzipped(source: Readable, onBytes: (bytes: number) => void): Promise<AsyncIterable<Buffer>> {
  const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  const first = await chunks.next()
  const all = (async function* () {
    for (let next = first; !next.done; next = await chunks.next()) {
      onBytes(next.value.length)
      yield next.value
    }
  })()
  const isGzip = !first.done && first.value[0] === 0x1f && first.value[1] === 0x8b
  // What breaks any of the streams is thrown by the last one's iterator.
  return isGzip ? pipeline(all, createGunzip(), () => {}) : all
}

async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer[] = []
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      yield Buffer.concat([...rest, chunk.subarray(start, end)])
      rest = []
      start = end + 1
    }
    rest.push(chunk.subarray(start))
  }
  if (rest.some((part) => part.length > 0)) yield Buffer.concat(rest)
}

function decode(decoder: TextDecoder, bytes: Buffer): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}
