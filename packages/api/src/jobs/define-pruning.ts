import type { Database } from '@extropy/db'
import type { Kysely, Transaction } from 'kysely'
import { z } from 'zod'
import { defineJob } from './define-job.ts'

const batchSize = 1000

interface Pruning<Id> {
  readonly kind: string
  readonly keepDays: number
  /** Rows from before this time, `limit` at most. */
  readonly find: (db: Kysely<Database>, before: string, limit: number) => Promise<readonly { readonly id: Id }[]>
  readonly remove: (trx: Transaction<Database>, ids: readonly Id[]) => Promise<unknown>
}

/** A job that removes rows that have been kept long enough, every six hours, a thousand at a time. */
export const definePruning = <Id>({ kind, keepDays, find, remove }: Pruning<Id>) =>
  defineJob({
    kind,
    seenBy: 'admins',
    input: z.strictObject({}),
    everyMs: 6 * 3600 * 1000,
    async run({ deps, write, progress }) {
      const before = new Date(Date.now() - keepDays * 24 * 3600 * 1000).toISOString()
      for (let removed = 0; ; ) {
        const old = await find(deps.db, before, batchSize)
        if (old.length === 0) return { removed }
        const ids = old.map(({ id }) => id)
        await write((trx) => remove(trx, ids))
        removed += ids.length
        progress(removed)
      }
    },
  })
