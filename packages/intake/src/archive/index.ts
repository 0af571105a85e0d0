export { ArchiveError, type ArchiveErrorCode } from './archive-error.ts'
export type {
  ArchiveEvent,
  ArchiveFeed,
  ArchiveItem,
  ArchivePlatform,
  ArchiveTotals,
  CaptionFigures,
  ProblemCode,
  SkipReason,
} from './archive-event.ts'
export { isJsonLines } from './is-json-lines.ts'
export { readArchive, readableFormats } from './read-archive.ts'
export type { ReadArchiveOptions } from './read-context.ts'
