import {
  type ArchiveProgress,
  commandContext,
  type Deps,
  type IngestReport,
  type Reject,
  storeArchive,
} from '@extropy/api'
import { ArchiveError, type ArchiveTotals, type ReadArchiveOptions } from '@extropy/intake'
import { InputFileError } from './input-file-error.ts'
import { createProgressBar } from './progress-bar.ts'

export { isJsonLines } from '@extropy/intake/archive'

export interface ArchiveOptions {
  /** The author of what names none; the site, which some exports leave out; bookmarks marked as private too. */
  readonly archive?: Pick<ReadArchiveOptions, 'author' | 'siteUrl' | 'includePrivate'>
  readonly label: string
  readonly out: NodeJS.WriteStream
  readonly onReject?: (reject: Reject) => void
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

/** Ingests an export or a folder, with a progress line. What is not the author's to publish never leaves the reader. @throws InputFileError */
export async function ingestArchive(
  deps: Deps,
  path: string,
  { archive = {}, label, out, onReject = () => {}, onProblem = () => {} }: ArchiveOptions,
): Promise<IngestReport> {
  const bar = createProgressBar(label, out, undefined)
  let totals: ArchiveTotals | undefined
  try {
    const progress = await storeArchive(commandContext(deps), path, {
      archive,
      onReject,
      onOther(event) {
        if (event.type === 'end') totals = event.totals
        if (event.type === 'problem')
          onProblem(`${label}, ${[event.entry, event.id].filter(Boolean).join(', ')}: ${event.message}`)
      },
      onProgress: (progress) => bar.update(reportOf(progress), 0),
    })
    bar.finish(reportOf(progress))
    if (totals !== undefined) for (const line of closing(totals, path)) out.write(`${label}: ${line}\n`)
    return reportOf(progress)
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error
    throw new InputFileError(`${label} ${error.message}.`, { cause: error })
  }
}

function reportOf({ created, changed, unchanged, rejected, passages }: ArchiveProgress): IngestReport {
  const stored = created + changed
  return { read: stored + unchanged + rejected, stored, unchanged, superseded: 0, rejected, passages }
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
