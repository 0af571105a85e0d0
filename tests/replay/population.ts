import { issueKey } from '@extropy/api'
import { createDatabase } from '@extropy/db'
import { sql } from 'kysely'
import { shuffled } from './pickers.ts'

export interface Person {
  readonly id: string
  readonly username: string
  readonly displayName: string
  readonly balance: string
  readonly key: string
}

export interface PublishedCard {
  readonly id: string
  readonly userId: string
  readonly title: string
}

/** The users and cards of the replay; the first card of the list is the most read one. */
export interface Population {
  readonly people: readonly Person[]
  readonly cards: readonly PublishedCard[]
  readonly categories: readonly string[]
  /** Pairs of these cards that are attributed already, as `source target type`. */
  readonly attributed: ReadonlySet<string>
  /** Users that nobody changes, for more keys than the cache may hold. */
  readonly otherUserIds: readonly string[]
  /** The key of a reader, as a front end has. */
  readonly readerKey: string
  /** The key of an admin, who may read any account. */
  readonly adminKey: string
}

const peopleCount = 64
const cardsEach = 6
const rateLimitPerHour = 2_000_000_000

/** Users of the generated database with at least six published cards, each with a key of their own. */
export async function openPopulation(databaseUrl: string, seed: number): Promise<Population> {
  const database = await createDatabase({ url: databaseUrl })
  const { db } = database
  const keyOf = async (username: string, scope: 'read' | 'write' | 'admin') =>
    (await issueKey(db, { username, scope, rateLimitPerHour })).key
  try {
    const { rows: users } = await sql<Omit<Person, 'key'>>`
      select id, username, display_name as "displayName", extropy_balance as balance from users
      where (select count(*) from (
        select from cards where user_id = users.id and is_published limit ${cardsEach}) as first_ones) = ${cardsEach}
      order by md5(id::text) limit ${peopleCount}`.execute(db)
    const ids = users.map(({ id }) => id)
    const { rows: cards } = await sql<PublishedCard>`
      select id, user_id as "userId", title from (
        select id, user_id, title, row_number() over (partition by user_id order by md5(id::text)) as place
        from cards where is_published and user_id = any(${ids}::uuid[])) as numbered
      where place <= ${cardsEach} order by id`.execute(db)
    const { rows: attributions } = await sql<{ pair: string }>`
      select concat_ws(' ', source_card_id, target_card_id, type) as pair from attributions
      where source_card_id = any(${cards.map(({ id }) => id)}::uuid[])`.execute(db)
    const { rows: others } = await sql<{ id: string }>`
      select id from users where not id = any(${ids}::uuid[]) order by md5(id::text) limit 100`.execute(db)
    const { rows: categories } = await sql<{ category: string }>`
      select category from cards where is_published group by 1 order by 1`.execute(db)
    const people: Person[] = []
    for (const user of users) people.push({ ...user, key: await keyOf(user.username, 'write') })
    return {
      people,
      // The most read cards belong to many users.
      cards: shuffled(cards, seed),
      categories: categories.map(({ category }) => category),
      attributed: new Set(attributions.map(({ pair }) => pair)),
      otherUserIds: others.map(({ id }) => id),
      readerKey: await keyOf('replay_reader', 'read'),
      adminKey: await keyOf('replay_admin', 'admin'),
    }
  } finally {
    await database.close()
  }
}
