import { Piscina } from 'piscina'

export interface ThreadsOptions {
  /** Threads at most; each takes some 100 MB while it works. Default 1: reading is background work, and the other core serves. */
  readonly threads?: number
  /** How long one document may take. Default 10 s, 100 times what a long page takes. */
  readonly timeLimitMs?: number
  /** Memory of a thread. Default 512 MB. */
  readonly heapMb?: number
  /** How long an idle thread stays. Default 10 s. */
  readonly idleMs?: number
}

/** What a thread dies of, or a document throws. */
export interface Failure {
  readonly failure: 'refused' | 'failed'
  readonly reason: string
}

export interface Threads {
  /** What the file's default export makes of the task. Never rejects for what a document does. */
  run<Result>(task: unknown): Promise<Result | Failure>
  close(): Promise<void>
}

/** Threads that run one file's default export, each task with a limit of time and memory. No thread starts before it is needed. */
export function createThreads(
  file: URL,
  { threads = 1, timeLimitMs = 10_000, heapMb = 512, idleMs = 10_000 }: ThreadsOptions = {},
): Threads {
  const pool = new Piscina({
    filename: file.href,
    minThreads: 0,
    maxThreads: threads,
    concurrentTasksPerWorker: 1,
    idleTimeout: idleMs,
    resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: 64, stackSizeMb: 4 },
  })
  // A thread that ends for want of memory fails its task, below; the event without a listener would end the process.
  pool.on('error', () => {})
  const slots = createSlots(threads)
  return {
    async run(task) {
      const free = await slots.take()
      try {
        // Time counts from here on: waiting for a thread is not the document's fault.
        return await pool.run(task, { signal: AbortSignal.timeout(timeLimitMs) })
      } catch (error) {
        return toFailure(error as Error & { code?: string }, timeLimitMs, heapMb)
      } finally {
        free()
      }
    },
    close: () => pool.destroy(),
  }
}

function toFailure(error: Error & { code?: string }, timeLimitMs: number, heapMb: number): Failure {
  if (error.name === 'AbortError' || error.name === 'TimeoutError')
    return { failure: 'refused', reason: `reading it takes more than ${timeLimitMs / 1000} s` }
  if (error.code === 'ERR_WORKER_OUT_OF_MEMORY')
    return { failure: 'refused', reason: `reading it takes more than ${heapMb} MB of memory` }
  if (error instanceof RangeError || /call stack/i.test(error.message))
    return { failure: 'refused', reason: 'its elements are nested too deeply' }
  return { failure: 'failed', reason: `it cannot be read: ${error.message}` }
}

/** At most so many at once; the others wait in turn. */
function createSlots(count: number): { take(): Promise<() => void> } {
  let free = count
  const waiting: (() => void)[] = []
  const give = (): void => {
    const next = waiting.shift()
    if (next === undefined) free++
    else next()
  }
  return {
    async take() {
      if (free > 0) free--
      else await new Promise<void>((resolve) => waiting.push(resolve))
      return give
    },
  }
}
