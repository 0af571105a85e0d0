import { archiveLines } from '@extropy/api'
import {
  ArchiveError,
  type ArchiveEvent,
  type ArchiveTotals,
  type ReadArchiveOptions,
  readArchive,
} from '@extropy/intake'
import type { IngestSource } from './ingest-source.ts'
import { InputFileError } from './input-file-error.ts'

export { isJsonLines } from '@extropy/intake'

export interface ArchiveOptions {
  /** The author of what names none; the site, which some exports leave out; bookmarks marked as private too. */
  readonly archive?: Pick<ReadArchiveOptions, 'author' | 'siteUrl' | 'includePrivate'>
  readonly label: string
  /** Hears of everything that cannot be read. */
  readonly onProblem?: (message: string) => void
}

/** Why something was left out, in a reader's words. */
const reasons: Readonly<Record<string, string>> = {
  draft: 'drafts',
  private: 'private',
  repost: "reposts of other people's",
  deleted: 'deleted',
  'not-the-authors': "other people's",
  duplicate: 'there twice',
  'older-version': 'older versions',
  'other-kind': 'of other kinds',
}

/** An export or a folder as lines for ingest. What is not the author's to publish never leaves the reader. */
export function archiveSource(
  path: string,
  { archive = {}, label, onProblem = () => {} }: ArchiveOptions,
): IngestSource {
  let totals: ArchiveTotals | undefined
  const onOther = (event: Exclude<ArchiveEvent, { type: 'item' }>) => {
    if (event.type === 'end') totals = event.totals
    if (event.type === 'problem')
      onProblem(`${label}, ${[event.entry, event.id].filter(Boolean).join(', ')}: ${event.message}`)
  }
  return {
    lines: archiveLines(withPath(readArchive(path, archive), label), onOther),
    totalBytes: undefined,
    bytesRead: () => 0,
    closing: () => (totals === undefined ? [] : closing(totals, path)),
  }
}

async function* withPath(events: AsyncIterable<ArchiveEvent>, label: string): AsyncGenerator<ArchiveEvent> {
  try {
    yield* events
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error
    throw new InputFileError(`${label} ${error.message}.`, { cause: error })
  }
}

function closing({ skipped, problems, feeds }: ArchiveTotals, path: string): string[] {
  const leftOut = Object.entries(skipped).flatMap(([reason, count]) => {
    const words = reasons[reason]
    return words === undefined ? [] : `${count} ${words}`
  })
  return [
    leftOut.length === 0 ? [] : `left out: ${leftOut.join(', ')}`,
    problems === 0 ? [] : `${problems} problems, as named above`,
    feeds === 0 ? [] : `${feeds} feeds to follow: pnpm follow ${path}`,
  ].flat()
}
