import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { type OpenContender, pageSize } from '../reads.ts'

interface Tables {
  users: { id: string; username: string; display_name: string; extropy_balance: string }
  cards: {
    id: string
    user_id: string
    title: string
    body: string
    tags: string[]
    is_published: boolean
    published_at: Date
  }
  attributions: { id: string; source_card_id: string; target_card_id: string; type: string }
}

/** Kysely's own PostgresDialect on a `pg` pool, as its guide begins. */
export const open: OpenContender = async (connectionString) => {
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString }) }) })
  return {
    reads: {
      'primary key': ({ userId }) =>
        db
          .selectFrom('users')
          .select(['id', 'username', 'display_name as displayName', 'extropy_balance as extropyBalance'])
          .where('id', '=', userId)
          .execute(),
      '20 cards with their users': () =>
        db
          .selectFrom('cards')
          .innerJoin('users', 'users.id', 'cards.user_id')
          .select([
            'cards.id',
            'title',
            'body',
            'tags',
            'published_at as publishedAt',
            'username',
            'display_name as displayName',
          ])
          .where('is_published', '=', true)
          .orderBy('published_at', 'desc')
          .orderBy('cards.id', 'desc')
          .limit(pageSize)
          .execute(),
      'join of 4 tables': ({ attributionId }) =>
        db
          .selectFrom('attributions')
          .innerJoin('cards as source', 'source.id', 'source_card_id')
          .innerJoin('cards as target', 'target.id', 'target_card_id')
          .innerJoin('users', 'users.id', 'target.user_id')
          .select(['attributions.id', 'type', 'source.title as sourceTitle', 'target.title as targetTitle', 'username'])
          .where('attributions.id', '=', attributionId)
          .execute(),
    },
  }
}
