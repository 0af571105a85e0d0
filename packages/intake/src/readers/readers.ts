import type { Discovered } from '../feed/discover-feeds.ts'
import { type FeedResult, feedLimits } from '../feed/feed.ts'
import type { OpmlResult } from '../feed/opml.ts'
import type { FeedInput } from '../feed/read-feed.ts'
import type { PageInput, PageResult } from '../page/read-page.ts'
import { pageLimits } from '../page/survey.ts'
import type { SitemapResult } from '../platforms/web/sitemap.ts'
import type { Task, tasks } from './reader.worker.ts'
import { createThreads, type Failure, type ThreadsOptions } from './threads.ts'

export type ReadersOptions = ThreadsOptions

export interface Readers {
  readPage(input: PageInput): Promise<PageResult>
  readFeed(input: FeedInput): Promise<FeedResult>
  /** Nothing, where the page cannot be read. */
  discoverFeeds(html: string, url: string): Promise<Discovered>
  readOpml(bytes: Uint8Array): Promise<OpmlResult>
  readSitemap(bytes: Uint8Array): Promise<SitemapResult>
  close(): Promise<void>
}

/**
 * Reads what strangers wrote in threads of their own, each with a limit of time and memory: whatever a document does, the caller
 * gets a typed outcome, and its event loop goes on.
 */
export function createReaders(options: ReadersOptions = {}): Readers {
  const threads = createThreads(new URL('./reader.worker.ts', import.meta.url), options)

  const run = <Name extends keyof typeof tasks>(
    name: Name,
    ...args: Parameters<(typeof tasks)[Name]>
  ): Promise<ReturnType<(typeof tasks)[Name]> | Failure> => threads.run({ name, args } as Task)

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
    async readSitemap(bytes) {
      const result = await run('readSitemap', bytes)
      return 'failure' in result ? { outcome: result.failure, reason: result.reason } : result
    },
    close: () => threads.close(),
  }
}
