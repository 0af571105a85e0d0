import { desc, eq, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { alias, boolean, numeric, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import pg from 'pg'
import { type OpenContender, pageSize } from '../reads.ts'

const users = pgTable('users', {
  id: uuid().primaryKey(),
  username: text().notNull(),
  displayName: text('display_name').notNull(),
  extropyBalance: numeric('extropy_balance').notNull(),
})
const cards = pgTable('cards', {
  id: uuid().primaryKey(),
  userId: uuid('user_id').notNull(),
  title: text().notNull(),
  body: text().notNull(),
  tags: text().array().notNull(),
  isPublished: boolean('is_published').notNull(),
  publishedAt: timestamp('published_at', { withTimezone: true }),
})
const attributions = pgTable('attributions', {
  id: uuid().primaryKey(),
  sourceCardId: uuid('source_card_id').notNull(),
  targetCardId: uuid('target_card_id').notNull(),
  type: text().notNull(),
})
const source = alias(cards, 'source')
const target = alias(cards, 'target')

/** Drizzle on a `pg` pool, with prepared statements, which its page on performance recommends. */
export const open: OpenContender = async (connectionString) => {
  const db = drizzle({ client: new pg.Pool({ connectionString }) })
  const user = db
    .select({
      id: users.id,
      username: users.username,
      displayName: users.displayName,
      extropyBalance: users.extropyBalance,
    })
    .from(users)
    .where(eq(users.id, sql.placeholder('id')))
    .prepare('user')
  const list = db
    .select({
      id: cards.id,
      title: cards.title,
      body: cards.body,
      tags: cards.tags,
      publishedAt: cards.publishedAt,
      username: users.username,
      displayName: users.displayName,
    })
    .from(cards)
    .innerJoin(users, eq(users.id, cards.userId))
    .where(eq(cards.isPublished, true))
    .orderBy(desc(cards.publishedAt), desc(cards.id))
    .limit(pageSize)
    .prepare('cards')
  const attribution = db
    .select({
      id: attributions.id,
      type: attributions.type,
      sourceTitle: source.title,
      targetTitle: target.title,
      username: users.username,
    })
    .from(attributions)
    .innerJoin(source, eq(source.id, attributions.sourceCardId))
    .innerJoin(target, eq(target.id, attributions.targetCardId))
    .innerJoin(users, eq(users.id, target.userId))
    .where(eq(attributions.id, sql.placeholder('id')))
    .prepare('attribution')
  return {
    reads: {
      'primary key': ({ userId }) => user.execute({ id: userId }),
      '20 cards with their users': () => list.execute(),
      'join of 4 tables': ({ attributionId }) => attribution.execute({ id: attributionId }),
    },
  }
}
