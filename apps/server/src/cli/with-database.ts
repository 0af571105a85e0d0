import { createDatabase, type DatabaseHandle } from '@extropy/db'
import { parseConfig } from '../config.ts'

/** Opens the database of DATABASE_URL for one command, and closes it whatever comes of it. */
export async function withDatabase<Result>(use: (database: DatabaseHandle) => Promise<Result>): Promise<Result> {
  const database = await createDatabase({ url: parseConfig(process.env).DATABASE_URL })
  try {
    return await use(database)
  } finally {
    await database.close()
  }
}
