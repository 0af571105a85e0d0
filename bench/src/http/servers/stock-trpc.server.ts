import { initTRPC } from '@trpc/server'
import { createHTTPServer } from '@trpc/server/adapters/standalone'
import { Kysely, PostgresDialect } from 'kysely'
import { z } from 'zod'
import { type cardFields, type FieldType, openPool, perField, selections, toCardPage } from './card-list.ts'
import { listening } from './listening.ts'

/**
 * tRPC's standalone adapter, which its Node docs begin with, over Kysely's own PostgresDialect on a `pg` pool: both as
 * they come. Input and output schemas are Extropy's; it checks no key and counts no limit.
 */
type CardColumn = (typeof cardFields)[keyof typeof cardFields][0]
interface Tables {
  users: { id: string; username: string; display_name: string; extropy_balance: string }
  cards: Record<
    CardColumn extends infer Name ? (Name extends `cards.${infer Column}` ? Column : never) : never,
    string
  > & {
    is_published: boolean
    parent_card_id: string | null
  }
}

const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: openPool() }) })

const Id = z.uuid()
const types: Record<FieldType, z.ZodType> = {
  uuid: Id,
  text: z.string(),
  'text or null': z.string().nullable(),
  'uuid or null': Id.nullable(),
  texts: z.array(z.string()),
}
const CardPage = z.object({
  items: z.array(z.object(perField((type) => types[type]))),
  nextCursor: z.string().nullable(),
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
      .output(CardPage)
      .query(async ({ input: { limit } }) => {
        const rows = await db
          .selectFrom('cards')
          .innerJoin('users', 'users.id', 'cards.user_id')
          .leftJoin('cards as parent', (join) =>
            join.onRef('parent.id', '=', 'cards.parent_card_id').on('parent.is_published', '=', true),
          )
          .select(selections)
          .where('cards.is_published', '=', true)
          .orderBy('cards.published_at', 'desc')
          .orderBy('cards.id', 'desc')
          .limit(limit + 1)
          .execute()
        return toCardPage(rows, limit)
      }),
  }),
})

const server = createHTTPServer({ router, basePath: '/trpc/' })
server.listen(0, '127.0.0.1', () => listening((server.address() as { port: number }).port))
