import { Piscina } from 'piscina'
import type { Discovered } from '../feed/discover-feeds.ts'
import { type FeedResult, feedLimits } from '../feed/feed.ts'
import type { OpmlResult } from '../feed/opml.ts'
import type { FeedInput } from '../feed/read-feed.ts'
import type { PageInput, PageResult } from '../page/read-page.ts'
import { pageLimits } from '../page/survey.ts'
import type { Task, tasks } from './reader.worker.ts'

export interface ReadersOptions {
  /** Threads at most; each takes some 100 MB while it works. Default 1: reading is background work, and the other core serves. */
  readonly threads?: number
  /** How long one document may take. Default 10 s, 100 times what a long page takes. */
  readonly timeLimitMs?: number
  /** Memory of a thread. Default 512 MB. */
  readonly heapMb?: number
  /** How long an idle thread stays. Default 10 s. */
  readonly idleMs?: number
}

export interface Readers {
  readPage(input: PageInput): Promise<PageResult>
  readFeed(input: FeedInput): Promise<FeedResult>
  /** Nothing, where the page cannot be read. */
  discoverFeeds(html: string, url: string): Promise<Discovered>
  readOpml(bytes: Uint8Array): Promise<OpmlResult>
  close(): Promise<void>
}

/**
 * Reads what strangers wrote in threads of their own, each with a limit of time and memory: whatever a document does, the caller
 * gets a typed outcome, and its event loop goes on.
 */
export function createReaders({
  threads = 1,
  timeLimitMs = 10_000,
  heapMb = 512,
  idleMs = 10_000,
}: ReadersOptions = {}): Readers {
  const pool = new Piscina({
    filename: new URL('./reader.worker.ts', import.meta.url).href,
    minThreads: 0,
    maxThreads: threads,
    concurrentTasksPerWorker: 1,
    idleTimeout: idleMs,
    resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: 64, stackSizeMb: 4 },
  })
  // A thread that ends for want of memory fails its task, below; the event without a listener would end the process.
  pool.on('error', () => {})
  const slots = createSlots(threads)

  async function run<Name extends keyof typeof tasks>(
    name: Name,
    ...args: Parameters<(typeof tasks)[Name]>
  ): Promise<ReturnType<(typeof tasks)[Name]> | Failure> {
    const free = await slots.take()
    try {
      // Time counts from here on: waiting for a thread is not the document's fault.
      return await pool.run({ name, args } as Task, { signal: AbortSignal.timeout(timeLimitMs) })
    } catch (error) {
      return toFailure(error as Error & { code?: string }, timeLimitMs, heapMb)
    } finally {
      free()
    }
  }

  return {
    async readPage(input) {
      // Asked here too, so that no thread is sent megabytes to say so.
      if ((input.bytes?.byteLength ?? input.html?.length ?? 0) > pageLimits.bytes)
        return { outcome: 'refused', reason: `the page has more than ${pageLimits.bytes / 1e6} MB`, feeds: [] }
      const result = await run('readPage', input)
      return 'failure' in result ? { outcome: result.failure, reason: result.reason, feeds: [] } : result
    },
    async readFeed(input) {
      if (input.bytes.byteLength > feedLimits.bytes)
        return { outcome: 'refused', reason: `the feed has more than ${feedLimits.bytes / 1e6} MB`, feeds: [] }
      const result = await run('readFeed', input)
      return 'failure' in result ? { outcome: result.failure, reason: result.reason, feeds: [] } : result
    },
    async discoverFeeds(html, url) {
      const result = await run('discoverFeeds', html.slice(0, pageLimits.bytes), url)
      return 'failure' in result ? { feeds: [], candidates: [] } : result
    },
    async readOpml(bytes) {
      const result = await run('readOpml', bytes)
      return 'failure' in result ? { outcome: result.failure, reason: result.reason } : result
    },
    close: () => pool.destroy(),
  }
}

interface Failure {
  readonly failure: 'refused' | 'failed'
  readonly reason: string
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
