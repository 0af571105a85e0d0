import { createDatabase, type DatabaseHandle } from '@extropy/db'
import { parseConfig } from '../config.ts'
import { databaseOptions } from '../database-options.ts'

/** Opens the database of DATABASE_URL for one command, and closes it whatever comes of it. */
export async function withDatabase<Result>(use: (database: DatabaseHandle) => Promise<Result>): Promise<Result> {
  const database = await createDatabase(databaseOptions(parseConfig(process.env)))
  try {
    return await use(database)
  } finally {
    await database.close()
  }
}
