import { join } from 'node:path'
import { createDatabase, type DatabaseHandle, generate, migrate } from '@extropy/db'
import { withFolder } from '../databases.ts'
import { openGenerated } from '../db/generated-database.ts'
import { recordData, skip } from '../results.ts'

export interface Sized extends Pick<DatabaseHandle, 'db'> {
  readonly cards: number
}

/** Databases of these sizes, smallest first: on the server, or embedded and small where none is named. */
export async function withSizes(
  serverUrl: string | undefined,
  { sizes, embeddedSizes, keep }: { sizes: readonly number[]; embeddedSizes: readonly number[]; keep: boolean },
  body: (databases: readonly Sized[]) => Promise<void>,
): Promise<void> {
  if (!serverUrl) {
    skip(`${sizes.at(-1)?.toLocaleString('en')} cards`, 'set TEST_DATABASE_URL; on the embedded database instead')
    return withFolder((folder) => embedded(folder, embeddedSizes, body))
  }
  const databases = []
  try {
    for (const cards of sizes) databases.push(await openGenerated(serverUrl, cards, keep, false))
    await body(databases)
  } finally {
    for (const database of databases) await database.remove()
  }
}

async function embedded(
  folder: string,
  sizes: readonly number[],
  body: (databases: readonly Sized[]) => Promise<void>,
): Promise<void> {
  const databases: (Sized & DatabaseHandle)[] = []
  try {
    for (const cards of sizes) {
      const handle = await createDatabase({ url: join(folder, String(cards)) })
      databases.push({ ...handle, cards })
      await migrate(handle)
      await generate(handle, { cards })
      recordData(`${cards.toLocaleString('en')} cards, embedded`)
    }
    await body(databases)
  } finally {
    for (const database of databases) await database.close()
  }
}
