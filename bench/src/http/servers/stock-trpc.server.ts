import { initTRPC } from '@trpc/server'
import { createHTTPServer } from '@trpc/server/adapters/standalone'
import { type ColumnType, Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { z } from 'zod'
import { toCardPage } from './card-list.ts'
import { isoTimes } from './iso-times.ts'
import { listening, setting } from './listening.ts'

/**
 * tRPC's standalone adapter, which its Node docs begin with, over Kysely's own PostgresDialect on a `pg` pool: both as
 * they come. Input and output schemas are Extropy's; it checks no key and counts no limit.
 */
interface Tables {
  users: { id: string; username: string; display_name: string; extropy_balance: string }
  cards: {
    id: string
    user_id: string
    title: string
    body: string
    tags: string[]
    category: string | null
    content_id: string | null
    parent_card_id: string | null
    slug: string
    is_published: boolean
    published_at: ColumnType<string>
    created_at: ColumnType<string>
  }
}

const db = new Kysely<Tables>({
  dialect: new PostgresDialect({
    pool: new pg.Pool({
      connectionString: setting('DATABASE_URL'),
      max: Number(setting('POOL_SIZE')),
      options: '-c TimeZone=UTC',
      types: isoTimes,
    }),
  }),
})

const Id = z.uuid()
const Card = z.object({
  id: Id,
  userId: Id,
  title: z.string(),
  body: z.string(),
  tags: z.array(z.string()),
  category: z.string().nullable(),
  contentId: Id.nullable(),
  parentCardId: Id.nullable(),
  slug: z.string(),
  createdAt: z.string(),
  publishedAt: z.string(),
  username: z.string(),
  displayName: z.string(),
})

const t = initTRPC.create()
const router = t.router({
  tokens: t.router({
    balance: t.procedure
      .input(z.strictObject({ userId: Id }))
      .output(z.object({ userId: Id, balance: z.string() }))
      .query(({ input }) =>
        db
          .selectFrom('users')
          .select(['id as userId', 'extropy_balance as balance'])
          .where('id', '=', input.userId)
          .executeTakeFirstOrThrow(),
      ),
  }),
  cards: t.router({
    list: t.procedure
      .input(z.strictObject({ limit: z.number().int().min(1).max(100).default(20) }))
      .output(z.object({ items: z.array(Card), nextCursor: z.string().nullable() }))
      .query(async ({ input: { limit } }) => {
        const rows = await db
          .selectFrom('cards')
          .innerJoin('users', 'users.id', 'cards.user_id')
          .select([
            'cards.id',
            'cards.user_id as userId',
            'title',
            'body',
            'tags',
            'category',
            'content_id as contentId',
            'parent_card_id as parentCardId',
            'slug',
            'published_at as publishedAt',
            'cards.created_at as createdAt',
            'username',
            'display_name as displayName',
          ])
          .where('is_published', '=', true)
          .orderBy('published_at', 'desc')
          .orderBy('cards.id', 'desc')
          .limit(limit + 1)
          .execute()
        return toCardPage(rows, limit)
      }),
  }),
})

const server = createHTTPServer({ router, basePath: '/trpc/' })
server.listen(0, '127.0.0.1', () => listening((server.address() as { port: number }).port))
