import type { Database } from '@extropy/db'
import type { Kysely } from 'kysely'
import type { z } from 'zod'
import { findSnapshot, listOrigins } from '../looks/origins.ts'
import { getContent } from './contents.queries.ts'
import type { Origins, SnapshotAnswer } from './contents.schema.ts'

/** @throws AppError not_found */
export async function getOrigins(db: Kysely<Database>, id: string): Promise<z.input<typeof Origins>> {
  await getContent(db, id)
  const rows = await listOrigins(db, id)
  return {
    items: rows.map(
      ({ documentTakenAt: snapshotAt, sourceId, label, title, status, lastFetchedAt, nextAt, ...row }) => ({
        ...row,
        snapshotAt,
        source:
          sourceId === null || status === null
            ? null
            : { id: sourceId, name: title ?? label ?? row.url, status, lastFetchedAt, nextAt },
      }),
    ),
  }
}

/** @throws AppError not_found */
export async function getSnapshot(db: Kysely<Database>, id: string): Promise<z.input<typeof SnapshotAnswer>> {
  await getContent(db, id)
  return { snapshot: (await findSnapshot(db, id)) ?? null }
}
