import postgres from 'postgres'
import { type OpenContender, pageSize } from '../reads.ts'

/** postgres.js as it comes: ten connections, everything prepared, several statements at once on each. */
export const open: OpenContender = async (url) => {
  const sql = postgres(url)
  return {
    reads: {
      'primary key': ({ userId }) => sql`
        select id, username, display_name as "displayName", extropy_balance as "extropyBalance"
        from users where id = ${userId}`,
      '20 cards with their users': () => sql`
        select cards.id, title, body, tags, published_at as "publishedAt", username, display_name as "displayName"
        from cards join users on users.id = cards.user_id
        where is_published order by published_at desc, cards.id desc limit ${sql.unsafe(String(pageSize))}`,
      'join of 4 tables': ({ attributionId }) => sql`
        select attributions.id, type, source.title as "sourceTitle", target.title as "targetTitle", username
        from attributions
        join cards as source on source.id = source_card_id
        join cards as target on target.id = target_card_id
        join users on users.id = target.user_id
        where attributions.id = ${attributionId}`,
    },
  }
}
