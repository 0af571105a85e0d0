import type { ThreadsOptions } from '../readers/threads.ts'
import type { Found } from './archive-event.ts'
import type { Entry } from './container/container.ts'
import type { Recognised } from './recognise.ts'

export interface ReadArchiveOptions {
  /** The author of what names none. */
  readonly author?: string
  /** The site's address, which exports of Substack and Ghost leave out. */
  readonly siteUrl?: string
  /** An event's `position`: the reading goes on behind it. */
  readonly after?: string
  /** Bookmarks that are marked as private come in too. */
  readonly includePrivate?: boolean
  readonly signal?: AbortSignal
  /** Limits of the thread that makes Markdown of HTML; for each piece of it. */
  readonly markdown?: ThreadsOptions
}

export type Part = Recognised & { readonly entry: Entry }

/** What a reader of one file knows of the rest. */
export interface ReadContext {
  /** The archive's name: a folder's, or a file's without its ending. */
  readonly name: string
  readonly parts: readonly Part[]
  readonly entries: ReadonlyMap<string, Entry>
  readonly options: ReadArchiveOptions
  /** True the first time that it is asked about something. */
  isNew(key: string): boolean
  /** In another thread. @throws HtmlLimitError */
  toMarkdown(html: string): Promise<string>
  /** Loads once for all files, such as the account's name. */
  once<T>(key: string, load: () => Promise<T>): Promise<T>
}

export type Reader = (part: Part, context: ReadContext) => AsyncIterable<Found>
