import { setImmediate } from 'node:timers/promises'
import type { ArchiveTotals, ReadArchiveOptions } from '@extropy/intake'

/** Named one by one; the others are counted. */
export const mostProblems = 50
/** Reading waits for nothing while it has bytes: without this, other requests would wait for it. */
const eventsAtOnce = 200

export interface ArchiveCount {
  readonly totals: ArchiveTotals
  /** The first ones, in words. */
  readonly problems: readonly string[]
}

/**
 * Reads an archive once without storing anything: how much there is, what is left out, what cannot be read. It takes a small share of the
 * time that storing takes, and an archive that cannot be read to its end is refused before anything of it is in.
 */
export async function countArchive(path: string, options: ReadArchiveOptions): Promise<ArchiveCount> {
  const problems: string[] = []
  let events = 0
  // Loaded where it is used: its readers are slow to load for all.
  const { readArchive } = await import('@extropy/intake/archive')
  for await (const event of readArchive(path, options)) {
    if (event.type === 'end') return { totals: event.totals, problems }
    if (event.type === 'problem' && problems.length < mostProblems) problems.push(describeProblem(event))
    if (++events % eventsAtOnce === 0) await setImmediate()
  }
  throw new Error('an archive ended without its end')
}

/** A file's name inside an archive may be as long as its maker liked. */
function describeProblem({ entry, id, message }: { entry: string; id?: string; message: string }): string {
  return shortened(`${[entry, id].filter(Boolean).join(', ')}: ${message}`)
}

/** As a database keeps it. */
export const shortened = (text: string) => text.slice(0, 300).replaceAll('\0', '').toWellFormed()
