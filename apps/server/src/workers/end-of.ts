import type { EventEmitter } from 'node:events'
import type { HandEnd } from './crew.ts'

/** What is heard of a node:cluster worker. */
interface Started extends EventEmitter {
  readonly process: { readonly pid?: number | undefined }
}

/**
 * Resolves when a worker has ended, and never rejects: an error that nobody expects would end the server. The error of one that could
 * not be started is its end, for it has no other; one that runs is heard of by its exit, whatever else went wrong with it.
 */
export function endOf(worker: Started, onError: (error: Error) => void): Promise<HandEnd> {
  const { promise, resolve } = Promise.withResolvers<HandEnd>()
  worker.once('exit', (code: number | null, signal: string | null) => resolve({ code, signal: signal || null }))
  worker.on('error', (error: Error) => {
    onError(error)
    if (worker.process.pid === undefined) resolve({ code: null, signal: null, reason: error.message })
  })
  return promise
}
