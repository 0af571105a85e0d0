import { Readable } from 'node:stream'
import {
  brotliCompressSync,
  constants,
  createZstdCompress,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Stop } from './fetched.ts'
import { readBody } from './read-body.ts'

const packers = {
  gzip: gzipSync,
  'x-gzip': gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
  zstd: zstdCompressSync,
}

const read = (body: Uint8Array, encoding: string, chunkBytes = 7) => {
  const chunks = Array.from({ length: Math.ceil(body.length / chunkBytes) }, (_, index) =>
    body.subarray(index * chunkBytes, (index + 1) * chunkBytes),
  )
  const options = { encoding, maxBytes: 10_000, cut: false, signal: new AbortController().signal }
  return readBody(Readable.from(chunks), options, () => undefined)
}

describe('reading a body', () => {
  it.each(Object.entries(packers))('unpacks %s, in whatever pieces it comes', async (encoding, pack) => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 5000 }),
        fc.integer({ min: 1, max: 900 }),
        async (body, chunkBytes) => {
          const unpacked = await read(pack(body), encoding, chunkBytes)
          expect(Buffer.from(unpacked.body).equals(body)).toBe(true)
        },
      ),
      { numRuns: 30 },
    )
  })

  it('knows the bare form of deflate', async () => {
    expect((await read(deflateRawSync('text'), 'Deflate')).body.toString()).toBe('text')
  })

  it('unpacks two layers, and what is empty', async () => {
    expect((await read(gzipSync(brotliCompressSync('text')), 'br, gzip')).body.toString()).toBe('text')
    for (const encoding of [...Object.keys(packers), 'identity', '']) {
      expect((await read(new Uint8Array(), encoding)).body).toHaveLength(0)
    }
  })

  it('takes what there is of a body that ends too early', async () => {
    const body = Buffer.from('many words '.repeat(100) + Math.PI)
    expect((await read(gzipSync(body).subarray(0, -6), 'gzip')).body.toString()).toContain('many words')
  })

  it('refuses zstd that asks for more memory than RFC 9659 gives it: 8 MB of window', async () => {
    // As a stream, which does not know how little it packs, and so asks for all of its window.
    const packed = async (windowLog: number) => {
      const stream = createZstdCompress({ params: { [constants.ZSTD_c_windowLog]: windowLog } })
      stream.write('text')
      stream.end('more text')
      return Buffer.concat(await stream.toArray())
    }
    expect((await read(await packed(23), 'zstd')).body.toString()).toBe('textmore text')
    await expect(read(await packed(24), 'zstd')).rejects.toMatchObject({ problem: { reason: 'bad-encoding' } })
  })

  it('never says anything but what is there, or a problem, of broken bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.keys(packers)),
        fc.uint8Array({ minLength: 1 }),
        async (encoding, body) => {
          try {
            expect((await read(body, encoding)).body).toBeInstanceOf(Uint8Array)
          } catch (error) {
            expect(error).toBeInstanceOf(Stop)
          }
        },
      ),
    )
  })
})
