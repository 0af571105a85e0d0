import { createGunzip } from 'node:zlib'

/** Bytes that are unpacked before anybody asks for more: gzip makes at most 1,032 of each. */
const stepBytes = 16_384

/**
 * Unpacks gzip. Where the data breaks off, all that could be unpacked comes before the error: a pipeline of streams
 * would lose what waits in them.
 */
export async function* gunzip(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const stream = createGunzip()
  let unpacked: Buffer[] = []
  const take = () => {
    const taken = unpacked
    unpacked = []
    return taken
  }
  stream.on('data', (chunk: Buffer) => unpacked.push(chunk))
  let failure: Error | undefined
  let fail: (error: Error) => void = () => {}
  stream.on('error', (error) => {
    failure = error
    fail(error)
  })
  // A write that meets bad data is never called back.
  const step = (start: (done: () => void) => void) =>
    new Promise<void>((resolve, reject) => {
      fail = reject
      if (failure === undefined) start(resolve)
      else reject(failure)
    })
  try {
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += stepBytes) {
        await step((done) => stream.write(chunk.subarray(at, at + stepBytes), done))
        yield* take()
      }
    }
    await step((done) => stream.once('end', done).end())
    yield* take()
  } catch (error) {
    yield* take()
    throw error
  } finally {
    stream.destroy()
  }
}
