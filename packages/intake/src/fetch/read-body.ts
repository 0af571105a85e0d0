import type { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib'
import { Stop } from './fetched.ts'

/** Bodies smaller than this may be packed as tightly as they like: short repetitive pages reach 1:200. */
const ratioFloorBytes = 1024 ** 2
const maxRatio = 100
/** Servers pack once; twice happens by mistake. More is a trick. */
const maxEncodings = 2
const chunkSize = 64 * 1024

export interface ReadOptions {
  readonly encoding: string | undefined
  readonly maxBytes: number
  /** Take the first `maxBytes` of a longer body, instead of refusing it. */
  readonly cut: boolean
  readonly signal: AbortSignal
}

export interface ReadBody {
  readonly body: Uint8Array
  readonly wireBytes: number
  readonly truncated: boolean
}

/**
 * Reads and unpacks a body while it comes, and stops at the first chunk over a limit: between two layers of packing too, since the
 * inner one could throw away what the outer one unpacks. `onWire` hears of every chunk, so that a failure is counted as well.
 */
export async function readBody(
  source: Readable,
  { encoding, maxBytes, cut, signal }: ReadOptions,
  onWire: (bytes: number) => void,
): Promise<ReadBody> {
  const unpackers = unpackersOf(encoding)
  const chunks: Uint8Array[] = []
  const full = new Error('as much as was asked for')
  let wireBytes = 0
  // The outermost unpacker knows better what it has worked on: the bytes received run ahead of it by what is buffered.
  let workedOnBytes = () => wireBytes
  let size = 0

  const count: Step = async function* (from) {
    for await (const chunk of from) {
      wireBytes += chunk.length
      onWire(chunk.length)
      yield chunk
    }
  }
  const checkSize = (unpackedBytes: number) => {
    if (unpackedBytes > ratioFloorBytes && unpackedBytes > maxRatio * workedOnBytes()) {
      throw new Stop('refused', 'bomb', `The body unpacks to more than ${maxRatio} times what was sent.`)
    }
    if (!cut && unpackedBytes > maxBytes) throw tooLarge(maxBytes)
  }
  const collect = async (from: AsyncIterable<Uint8Array>) => {
    for await (const chunk of from) {
      if (cut && size + chunk.length > maxBytes) {
        chunks.push(chunk.subarray(0, maxBytes - size))
        throw full
      }
      size += chunk.length
      checkSize(size)
      chunks.push(chunk)
    }
  }

  const steps = unpackers.map((create, layer) =>
    through(create, checkSize, (unpacker) => {
      if (layer === 0) workedOnBytes = () => unpacker.bytesWritten
    }),
  )
  let truncated = false
  try {
    const unpack = (from: AsyncIterable<Uint8Array>) =>
      collect(steps.reduce((before, step) => step(before), count(from)))
    await pipeline(source, unpack, { signal })
  } catch (error) {
    if (error !== full) throw error
    truncated = true
  }
  return { body: Buffer.concat(chunks), wireBytes, truncated }
}

export function tooLarge(maxBytes: number): Stop {
  return new Stop('refused', 'too-large', `The body is larger than ${maxBytes} bytes.`)
}

type Step = (from: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>
type Unpacker = Transform & { readonly bytesWritten: number }
type CreateUnpacker = (first: Uint8Array) => Unpacker

/** In the order in which they are taken off: the last one named was put on last. */
function unpackersOf(encoding: string | undefined): readonly CreateUnpacker[] {
  const names = (encoding ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity')
  if (names.length > maxEncodings) {
    throw new Stop('refused', 'bad-encoding', `The body is packed ${names.length} times over.`)
  }
  return names.toReversed().map((name) => {
    const unpacker = unpackerByName.get(name)
    if (!unpacker)
      throw new Stop('failed', 'bad-encoding', `The body is packed in an unknown way: ${name.slice(0, 40)}.`)
    return unpacker
  })
}

// A body that ends too early is unpacked as far as it goes, as in browsers: the flushes say so.
const lenient = { chunkSize, flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH }
const gunzip = () => createGunzip(lenient)

const unpackerByName = new Map<string, CreateUnpacker>(
  Object.entries({
    gzip: gunzip,
    'x-gzip': gunzip,
    // RFC 9110 means zlib's format; some servers send the bare one, whose first byte has another lower half.
    deflate: ([head = 0]: Uint8Array) => ((head & 0x0f) === 0x08 ? createInflate(lenient) : createInflateRaw(lenient)),
    br: () =>
      createBrotliDecompress({
        chunkSize,
        flush: constants.BROTLI_OPERATION_FLUSH,
        finishFlush: constants.BROTLI_OPERATION_FLUSH,
      }),
    // RFC 9659: no more than 8 MB of window over HTTP. zlib's own default would take 128 MB of memory.
    zstd: () => createZstdDecompress({ chunkSize, params: { [constants.ZSTD_d_windowLogMax]: 23 } }),
  }),
)

/** Makes a step of an unpacker that is chosen by the first chunk. A body without a byte needs none. */
function through(
  create: CreateUnpacker,
  checkSize: (bytes: number) => void,
  onCreate: (unpacker: Unpacker) => void,
): Step {
  return async function* (from) {
    const rest = from[Symbol.asyncIterator]()
    const first = await rest.next()
    if (first.done) return
    const unpacker = create(first.value)
    onCreate(unpacker)
    let unpackedBytes = 0
    let sourceError: unknown
    const feed = async function* () {
      try {
        yield first.value
        yield* { [Symbol.asyncIterator]: () => rest }
      } catch (error) {
        sourceError = error
        throw error
      }
    }
    // Not waited for: after a stop it may hang on the network until the socket is gone.
    pipeline(feed, unpacker).catch(() => undefined)
    try {
      for await (const chunk of unpacker as AsyncIterable<Uint8Array>) {
        unpackedBytes += chunk.length
        checkSize(unpackedBytes)
        yield chunk
      }
    } catch (error) {
      if (error instanceof Stop) throw error
      if (sourceError !== undefined) throw sourceError
      throw new Stop('failed', 'bad-encoding', `The body cannot be unpacked: ${(error as Error).message}.`)
    } finally {
      unpacker.destroy()
    }
  }
}
