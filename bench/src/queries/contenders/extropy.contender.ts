import { createDatabase, hotRead } from '@extropy/db'
import { sql } from 'kysely'
import { type OpenContender, pageSize } from '../reads.ts'

const findUser = hotRead('bench.queries.user', (db, input: { id: string }) =>
  db.selectFrom('users').select(['id', 'username', 'displayName', 'extropyBalance']).where('id', '=', input.id),
)

const listCards = hotRead(
  'bench.queries.cards',
  (db, input: { limit: number }) =>
    db
      .selectFrom('cards')
      .innerJoin('users', 'users.id', 'cards.userId')
      .select(['cards.id', 'title', 'body', 'tags', 'publishedAt', 'username', 'displayName'])
      .where('isPublished', '=', sql.lit(true))
      .orderBy('publishedAt', 'desc')
      .orderBy('cards.id', 'desc')
      .limit(sql.lit(input.limit)),
  { literals: ['limit'] },
)

const findAttribution = hotRead('bench.queries.attribution', (db, input: { id: string }) =>
  db
    .selectFrom('attributions')
    .innerJoin('cards as source', 'source.id', 'attributions.sourceCardId')
    .innerJoin('cards as target', 'target.id', 'attributions.targetCardId')
    .innerJoin('users', 'users.id', 'target.userId')
    .select(['attributions.id', 'type', 'source.title as sourceTitle', 'target.title as targetTitle', 'username'])
    .where('attributions.id', '=', input.id),
)

/** Declared hot reads on the package's own pool, as packages/api uses them. */
export const open: OpenContender = async (url) => {
  const { db } = await createDatabase({ url })
  return {
    reads: {
      'primary key': ({ userId }) => findUser(db, { id: userId }),
      '20 cards with their users': () => listCards(db, { limit: pageSize }),
      'join of 4 tables': ({ attributionId }) => findAttribution(db, { id: attributionId }),
    },
  }
}
