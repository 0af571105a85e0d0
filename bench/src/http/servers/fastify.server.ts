import Fastify from 'fastify'
import pg from 'pg'
import { toCardPage } from './card-list.ts'
import { isoTimes } from './iso-times.ts'
import { listening, setting } from './listening.ts'

/**
 * Fastify with a response schema per route, which its docs recommend for speed, over raw `pg` with named statements.
 * It checks no key and counts no limit: what it is spared, Extropy has to make up for. Pool: see POOL_SIZE in
 * `uncached.ts`.
 */
const pool = new pg.Pool({
  connectionString: setting('DATABASE_URL'),
  max: Number(setting('POOL_SIZE')),
  options: '-c TimeZone=UTC',
  types: isoTimes,
})

const text = { type: 'string' }
const optional = { type: 'string', nullable: true }
const card = {
  type: 'object',
  properties: {
    id: text,
    userId: text,
    title: text,
    body: text,
    tags: { type: 'array', items: text },
    category: optional,
    contentId: optional,
    parentCardId: optional,
    slug: text,
    publishedAt: text,
    createdAt: text,
    username: text,
    displayName: text,
  },
}
const cardPage = { type: 'object', properties: { items: { type: 'array', items: card }, nextCursor: optional } }
const balance = { type: 'object', properties: { userId: text, balance: text } }
const uuid = { type: 'string', format: 'uuid' }

const app = Fastify()

app.get<{ Params: { userId: string } }>(
  '/api/tokens/balance/:userId',
  {
    schema: {
      params: { type: 'object', properties: { userId: uuid }, required: ['userId'] },
      response: { 200: balance },
    },
  },
  async (request) => {
    const { rows } = await pool.query({
      name: 'balance',
      text: 'select id as "userId", extropy_balance as balance from users where id = $1',
      values: [request.params.userId],
    })
    return rows[0]
  },
)

app.get<{ Querystring: { limit: number } }>(
  '/api/cards',
  {
    schema: {
      querystring: {
        type: 'object',
        properties: { limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 } },
      },
      response: { 200: cardPage },
    },
  },
  async (request) => {
    const { limit } = request.query
    const { rows } = await pool.query({
      name: `cards ${limit}`,
      // The limit stands in the text, as Extropy's does: without knowing it PostgreSQL plans the statement anew each time.
      text: `select cards.id, cards.user_id as "userId", title, body, tags, category, content_id as "contentId",
               parent_card_id as "parentCardId", slug, published_at as "publishedAt", cards.created_at as "createdAt",
               username, display_name as "displayName"
             from cards join users on users.id = cards.user_id
             where is_published order by published_at desc, cards.id desc limit ${limit + 1}`,
    })
    return toCardPage(rows, limit)
  },
)

await app.listen({ port: 0, host: '127.0.0.1' })
listening((app.server.address() as { port: number }).port)
