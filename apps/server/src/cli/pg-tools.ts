import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { findAddress } from '@extropy/db'
import { parseConfig } from '../config.ts'

/** One of PostgreSQL's own programs cannot be run, or has failed; it has said why on standard error. */
export class PgToolError extends Error {
  override readonly name = 'PgToolError'
}

/** Runs pg_dump or pg_restore on the database of DATABASE_URL, past a pooler. @throws PgToolError */
export async function runPgTool(name: string, args: readonly string[], folder: string | undefined): Promise<void> {
  const { DATABASE_URL, DATABASE_DIRECT_URL = DATABASE_URL } = parseConfig(process.env)
  if (!/^postgres(ql)?:/.test(DATABASE_DIRECT_URL)) {
    throw new PgToolError(
      `The embedded database is a folder: stop the server, and copy ${DATABASE_URL} there or back. ${name} is for a server.`,
    )
  }
  const address = findAddress(DATABASE_DIRECT_URL)
  const url = new URL(await address.find().finally(address.close))
  const password = decodeURIComponent(url.password)
  // Not in the arguments, which every user of the machine can read.
  url.password = ''
  const child = spawn(folder === undefined ? name : join(folder, name), [...args, '--dbname', url.href], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...(password === '' ? {} : { PGPASSWORD: password }) },
  })
  const [status] = await once(child, 'close').catch((error: Error) => {
    throw new PgToolError(
      `${name} cannot be run: ${error.message}. Install PostgreSQL's client programs, of the server's version or newer, or name their folder in --pg-bin.`,
    )
  })
  if (status !== 0) throw new PgToolError(`${name} has failed.`)
}
