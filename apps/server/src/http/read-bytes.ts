import type { Readable } from 'node:stream'

interface ReadOptions {
  readonly maxBytes: number
  readonly signal: AbortSignal
  /** Called with the growth of the memory for the bytes. An error that it throws ends the reading. */
  readonly onGrow: (bytes: number) => void
}

/**
 * Everything that a stream still brings, in one piece of memory: a client that sends byte by byte takes no more of it. Leaves
 * the stream open.
 *
 * @throws TooManyBytesError; the signal's reason; an AbortError where the stream ends before its time
 */
export async function readBytes(source: Readable, { maxBytes, signal, onGrow }: ReadOptions): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let memory = Buffer.alloc(0)
  let length = 0
  const onData = (chunk: Buffer) => {
    try {
      const needed = length + chunk.length
      if (needed > maxBytes) throw new TooManyBytesError(`More than ${maxBytes} bytes`)
      if (needed > memory.length) {
        const grown = Math.min(maxBytes, Math.max(needed, 2 * memory.length))
        onGrow(grown - memory.length)
        const larger = Buffer.allocUnsafe(grown)
        memory.copy(larger, 0, 0, length)
        memory = larger
      }
      chunk.copy(memory, length)
      length = needed
    } catch (error) {
      reject(error)
    }
  }
  const onAbort = () => reject(signal.reason)
  const onClose = () => reject(new DOMException('The stream has ended before its time', 'AbortError'))
  signal.addEventListener('abort', onAbort)
  // The listener for errors stays: without one, the next error would end the process.
  source.on('data', onData).on('end', resolve).on('close', onClose).on('error', onClose)
  try {
    signal.throwIfAborted()
    await promise
    return memory.subarray(0, length)
  } finally {
    signal.removeEventListener('abort', onAbort)
    source.off('data', onData).off('end', resolve).off('close', onClose).pause()
  }
}

export class TooManyBytesError extends Error {
  override readonly name = 'TooManyBytesError'
}
