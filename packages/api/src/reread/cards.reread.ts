import { sql } from 'kysely'
import { searchText, searchTextVersion } from '../language/search-text.ts'
import type { Reread } from './reread-part.ts'

const batchSize = 500
const first = '00000000-0000-0000-0000-000000000000'

export const rereadCards: Reread = {
  part: 'cards',
  version: searchTextVersion,
  async next(trx, after) {
    const rows = await trx
      .selectFrom('cards')
      .select(['id', 'title', 'body'])
      .where('id', '>', after || first)
      .orderBy('id')
      .limit(batchSize)
      .forUpdate()
      .execute()
    await sql`
      update cards set search_vector = card.search_vector
      from (
        select id, setweight(extropy_words('english', title), 'A') || setweight(extropy_words('english', body), 'D') as search_vector
        from unnest(${rows.map(({ id }) => id)}::uuid[], ${rows.map(({ title }) => searchText(title))}::text[],
                    ${rows.map(({ body }) => searchText(body))}::text[]) as given (id, title, body)
        offset 0
      ) as card
      where card.id = cards.id and cards.search_vector <> card.search_vector`.execute(trx)
    return rows.at(-1)?.id
  },
}
