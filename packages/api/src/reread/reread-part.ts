import type { Database } from '@extropy/db'
import type { Transaction } from 'kysely'

/** A kind of stored rows with words derived from their texts, which can be derived anew. */
export interface Reread {
  readonly part: string
  /** Raised with every change of the derivation. */
  readonly version: number
  /** Makes the next rows after a key (empty: the first rows) anew. Answers the last one's key; undefined where none is left. */
  next(trx: Transaction<Database>, after: string): Promise<string | undefined>
}
