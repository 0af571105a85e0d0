import { type Database, rawRead } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import { openWordRanks } from '../analysis/word-ranks.ts'
import { readWords, stopWordsOf } from '../analysis/words.ts'
import { searchText } from '../language/search-text.ts'
import type { GivenContent } from '../patterns/profile.ts'

export interface ProposedCard {
  readonly id: string
  readonly userId: string
  readonly title: string
  readonly body: string
  /** Of its first publication. */
  readonly publishedAt: string
}

/** The words asked for; a word that more cards have says nothing; the cards compared. */
const [askedWords, commonCards, mostCards] = [40, 300, 50]

/** A card as everybody may read it; undefined where it is not published. */
export async function getProposedCard(db: Kysely<Database>, id: string): Promise<ProposedCard | undefined> {
  const card = await db
    .selectFrom('cards')
    .select(['id', 'userId', 'title', 'body', 'publishedAt'])
    .where('id', '=', id)
    .where('isPublished', '=', true)
    .executeTakeFirst()
  return card === undefined ? undefined : { ...card, publishedAt: card.publishedAt ?? '' }
}

/** Published cards of other users that share the card's rarest words, those with most of them. */
export async function findLikeCards(db: Kysely<Database>, card: ProposedCard): Promise<ProposedCard[]> {
  const words = rarestWords(`${card.title}\n${card.body}`)
  if (words.length === 0) return []
  const { rows } = await rawRead(
    ['cards'],
    sql<ProposedCard>`
    with word as materialized (
      select lexeme from unnest(extropy_words('english', ${searchText(words.join(' '))})) as each (lexeme, positions, weights)
      where lexeme !~ '[''\\\\]'
    ),
    holder as materialized (
      select lexeme, held.id
      from word cross join lateral (
        select id from cards
        where is_published and user_id <> ${card.userId}::uuid and search_vector @@ quote_literal(lexeme)::tsquery
        limit ${commonCards + 1}) as held
    ),
    rare as (select lexeme, count(*) as cards from holder group by lexeme having count(*) <= ${commonCards}),
    near as (
      select id, sum(ln(2.0 * ${commonCards} / cards)) as shared from holder join rare using (lexeme)
      group by id order by shared desc, id limit ${mostCards}
    )
    select cards.id, user_id, title, body, published_at
    from near join cards on cards.id = near.id
    where is_published
    order by shared desc, cards.id`,
  ).execute(db)
  return rows
}

/** By the vocabulary, where all that it does not have are the rarest; of these the first. */
function rarestWords(text: string): string[] {
  const rankOf = openWordRanks()
  const stopWords = stopWordsOf('en')
  const words = new Set(readWords(text).map(({ lower }) => lower))
  return [...words]
    .filter((word) => word.length > 2 && !stopWords?.has(word) && /\p{L}/u.test(word))
    .sort((a, b) => rankOf(b) - rankOf(a))
    .slice(0, askedWords)
}

export const toContent = ({ id, title, body, publishedAt }: ProposedCard): GivenContent => ({
  id,
  platform: 'card',
  title,
  body,
  language: null,
  at: new Date(publishedAt).toISOString(),
  embedding: null,
})
