import { pageSize } from './reads.ts'

/** The reads as text, for the libraries that take text; `$1` is the id. */
export const statements = {
  'primary key': `
    select id, username, display_name as "displayName", extropy_balance as "extropyBalance"
    from users where id = $1`,
  '20 cards with their users': `
    select cards.id, title, body, tags, published_at as "publishedAt", username, display_name as "displayName"
    from cards join users on users.id = cards.user_id
    where is_published order by published_at desc, cards.id desc limit ${pageSize}`,
  'join of 4 tables': `
    select attributions.id, type, source.title as "sourceTitle", target.title as "targetTitle", username
    from attributions
    join cards as source on source.id = source_card_id
    join cards as target on target.id = target_card_id
    join users on users.id = target.user_id
    where attributions.id = $1`,
} as const
