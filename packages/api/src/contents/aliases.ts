import type { Database } from '@extropy/db'
import type { Kysely, Transaction } from 'kysely'
import { fieldError } from '../errors.ts'
import { addressOf } from '../ingest/source-url.ts'
import { deleteContent } from './contents.commands.ts'
import { getContent } from './contents.queries.ts'

interface AliasName {
  readonly id: string
  /** As a caller spells it. */
  readonly url: string
}

/** Other addresses of a content, by address. @throws AppError not_found */
export async function listAliases(db: Kysely<Database>, id: string) {
  await getContent(db, id)
  const items = await db
    .selectFrom('contentAliases')
    .select(['url', 'reason', 'isUndone', 'createdAt'])
    .where('contentId', '=', id)
    .orderBy('url')
    .execute()
  return { items }
}

/**
 * Undoes a merge: the address is a piece of its own from now on, and the next look at it brings it in. The content keeps what it has.
 *
 * @throws AppError not_found
 */
export async function removeAlias(trx: Transaction<Database>, { id, url }: AliasName) {
  const { numUpdatedRows } = await trx
    .updateTable('contentAliases')
    .set({ isUndone: true })
    .where('contentId', '=', id)
    .where('url', 'in', [url, addressOf(url)])
    .executeTakeFirst()
  if (numUpdatedRows === 0n) throw fieldError('not_found', 'url', 'is no other address of this content')
  return listAliases(trx, id)
}

/**
 * Says that an address is one of this content's. A content that is stored under it goes: its cards and its own other addresses become
 * those of this one.
 *
 * @throws AppError not_found, invalid_input, conflict
 */
export async function addAlias(trx: Transaction<Database>, { id, url: given }: AliasName) {
  const { sourceUrl } = await getContent(trx, id)
  const url = addressOf(given)
  if (!/^(https?:\/\/|urn:extropy:)/.test(url)) throw fieldError('invalid_input', 'url', 'must be an http or https URL')
  if (url === sourceUrl) throw fieldError('conflict', 'url', 'is the address that the content is known by')
  const other = await trx.selectFrom('contents').select('id').where('sourceUrl', '=', url).executeTakeFirst()
  if (other !== undefined) {
    await trx.updateTable('cards').set({ contentId: id }).where('contentId', '=', other.id).execute()
    await trx.updateTable('contentAliases').set({ contentId: id }).where('contentId', '=', other.id).execute()
    await deleteContent(trx, { id: other.id })
  }
  await trx
    .insertInto('contentAliases')
    .values({ url, contentId: id, reason: 'canonical' })
    .onConflict((conflict) => conflict.column('url').doUpdateSet({ contentId: id, isUndone: false }))
    .execute()
  return listAliases(trx, id)
}

/** The content of an address, also where that is one of its others. */
export async function findByAddress(db: Kysely<Database>, url: string): Promise<string | undefined> {
  const spellings = [url, addressOf(url)]
  const own = await db.selectFrom('contents').select('id').where('sourceUrl', 'in', spellings).executeTakeFirst()
  if (own !== undefined) return own.id
  const alias = await db
    .selectFrom('contentAliases')
    .select('contentId')
    .where('url', 'in', spellings)
    .where('isUndone', '=', false)
    .executeTakeFirst()
  return alias?.contentId
}
