import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { ArchiveEvent, ArchiveFeed, ArchiveItem } from '../archive-event.ts'
import { readArchive } from '../read-archive.ts'
import type { ReadArchiveOptions } from '../read-context.ts'

export type Files = Readonly<Record<string, Buffer | string>>

export interface ReadFiles {
  readonly events: readonly ArchiveEvent[]
  readonly items: readonly ArchiveItem[]
  readonly feeds: readonly ArchiveFeed[]
  /** `draft notes.md`: reason and what. */
  readonly skipped: readonly string[]
  /** `cut data/tweets.js`: code and file. */
  readonly problems: readonly string[]
}

/** A folder of its own for `use`, with these files in it, below a folder named `export`. */
export async function withFiles<T>(files: Files, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'extropy-archive-'))
  try {
    for (const [name, bytes] of Object.entries(files)) {
      const path = join(folder, 'export', name)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, bytes)
    }
    return await use(join(folder, 'export'))
  } finally {
    await rm(folder, { recursive: true })
  }
}

export async function readAll(path: string, options?: ReadArchiveOptions): Promise<ReadFiles> {
  const events: ArchiveEvent[] = []
  for await (const event of readArchive(path, options)) events.push(event)
  return {
    events,
    items: events.flatMap((event) => (event.type === 'item' ? event.item : [])),
    feeds: events.flatMap((event) => (event.type === 'feed' ? event.feed : [])),
    skipped: events.flatMap((event) => (event.type === 'skipped' ? `${event.reason} ${event.id ?? event.entry}` : [])),
    problems: events.flatMap((event) => (event.type === 'problem' ? `${event.code} ${event.entry}` : [])),
  }
}

export const readFiles = (files: Files, options?: ReadArchiveOptions): Promise<ReadFiles> =>
  withFiles(files, (folder) => readAll(folder, options))
