import { createThreads, type ThreadsOptions } from '../../readers/threads.ts'
import { HtmlLimitError, hasMarkup } from './html.ts'
import type { Written } from './markdown.worker.ts'

export interface MarkdownThread {
  /** @throws HtmlLimitError, also where it takes too long, or too much memory. */
  toMarkdown(html: string): Promise<string>
  close(): Promise<void>
}

/** Makes Markdown of an archive's HTML beside the event loop's thread: within its limits a post can still take seconds. */
export function createMarkdownThread(options?: ThreadsOptions): MarkdownThread {
  const threads = createThreads(new URL('./markdown.worker.ts', import.meta.url), options)
  return {
    async toMarkdown(html) {
      if (!hasMarkup(html)) return html.trim()
      const written = await threads.run<Written>(html)
      if ('markdown' in written) return written.markdown
      throw new HtmlLimitError('limit' in written ? written.limit : `cannot be made Markdown: ${written.reason}`)
    },
    close: () => threads.close(),
  }
}
