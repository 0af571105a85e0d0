import { createDatabase, type DatabaseHandle } from '@extropy/db'
import { parseConfig } from '../config.ts'
import { databaseOptions } from '../database-options.ts'

/** Opens the database of DATABASE_URL for one command, and closes it in any case. */
export async function withDatabase<Result>(
  use: (database: DatabaseHandle) => Promise<Result>,
  options: {
    /** Connects past a pooler, where DATABASE_DIRECT_URL is set. */
    readonly direct?: boolean
  } = {},
): Promise<Result> {
  const config = parseConfig(process.env)
  const url = options.direct ? config.DATABASE_DIRECT_URL : undefined
  const direct = url === undefined ? {} : { DATABASE_URL: url, DATABASE_BEHIND_POOLER: false }
  const database = await createDatabase({ ...databaseOptions({ ...config, ...direct }), replicaUrls: [] })
  try {
    return await use(database)
  } finally {
    await database.close()
  }
}
