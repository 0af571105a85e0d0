import type { Database } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import type { Deps } from '../context.ts'
import { countedLines } from '../counted-lines.ts'
import { type ArchiveRow, archiveVersion, type CollectionLine } from './archive.schema.ts'
import { type ArchivePart, archiveParts } from './archive-parts.ts'
import { openSnapshot, type Snapshot, type SnapshotLimits } from './open-snapshot.ts'
import { createPartSums } from './part-sums.ts'
import { throughFile } from './through-file.ts'

interface ExportOptions extends SnapshotLimits {
  readonly userId: string
}

/**
 * All that a user may see as one archive, line by line, as the collection is at this moment. Its rows come from a cursor, as many at
 * once as a part says, when the caller takes them. Where there is one connection, which others wait for, the lines go through a file.
 *
 * @throws AppError overloaded where as many archives are being written as may be
 */
export async function exportCollection(
  { db, databaseStats }: Pick<Deps, 'db' | 'databaseStats'>,
  { userId, ...limits }: ExportOptions,
): Promise<AsyncGenerator<CollectionLine>> {
  const lines = linesOf(await openSnapshot(db, { ...limits, userId }), userId)
  return databaseStats().pool.maxSize === 1 ? throughFile(lines) : lines
}

async function* linesOf(snapshot: Snapshot, userId: string): AsyncGenerator<CollectionLine> {
  const sums = createPartSums()
  const head = { type: 'extropy', version: archiveVersion, exportedAt: new Date().toISOString(), userId } as const
  async function* lines(): AsyncGenerator<CollectionLine> {
    snapshot.goOn()
    yield head
    for (const part of archiveParts) {
      for await (const row of rowsOf(snapshot.db, part, userId)) {
        const line: ArchiveRow = { type: part.name, row }
        const text = JSON.stringify(line)
        sums.add(part.name, text)
        snapshot.rest(text.length)
        yield line
        snapshot.goOn()
      }
    }
  }
  try {
    yield* countedLines(lines(), () => ({ parts: sums.read() }))
  } finally {
    await snapshot.close()
  }
}

async function* rowsOf(db: Kysely<Database>, part: ArchivePart, userId: string): AsyncGenerator<ArchiveRow['row']> {
  await sql`declare extropy_export no scroll cursor for ${part.select(db, userId)}`.execute(db)
  const next = sql<ArchiveRow['row']>`fetch forward ${sql.lit(part.rowsAtOnce)} from extropy_export`
  let rows: ArchiveRow['row'][]
  do {
    rows = (await next.execute(db)).rows
    yield* rows
  } while (rows.length === part.rowsAtOnce)
  await sql`close extropy_export`.execute(db)
}
