import type { Database } from '@extropy/db'
import type { Transaction } from 'kysely'
import type { z } from 'zod'
import { enqueue } from '../jobs/enqueue.ts'
import { cancelJob } from '../jobs/jobs.commands.ts'
import type { JobName } from '../jobs/jobs.queries.ts'
import type { SpooledFile } from '../spool/spool.ts'
import { importJob } from './import.job.ts'
import { getImport } from './imports.queries.ts'
import type { CreateImport, Import } from './imports.schema.ts'

/** Puts the import of a file into the queue that lies in the spool. */
export async function beginImport(
  trx: Transaction<Database>,
  file: SpooledFile,
  {
    userId,
    follow,
    author,
    site,
    private: includePrivate,
    mayRestore,
  }: z.output<typeof CreateImport> & { readonly userId: string; readonly mayRestore: boolean },
): Promise<z.output<typeof Import>> {
  const input = { file, follow, author, siteUrl: site, includePrivate, mayRestore }
  const { id } = await enqueue(trx, importJob, input, { userId })
  return getImport(trx, { id })
}

/** Stops an import. What is in stays in. One that is over stays as it is. @throws AppError not_found */
export async function cancelImport(trx: Transaction<Database>, name: JobName): Promise<z.output<typeof Import>> {
  await getImport(trx, name)
  await cancelJob(trx, name)
  return getImport(trx, name)
}

/** The id of an import's file in the spool. */
export async function findSpooled(trx: Transaction<Database>, id: string): Promise<string | undefined> {
  const row = await trx.selectFrom('jobs').select('input').where('id', '=', id).executeTakeFirst()
  return (row?.input as { file?: SpooledFile } | undefined)?.file?.id
}
