import type { FastifyInstance } from 'fastify'
import type pg from 'pg'
import { cardFields, type FieldType, perField, toCardPage } from './card-list.ts'

const schemas: Record<FieldType, object> = {
  uuid: { type: 'string' },
  text: { type: 'string' },
  'text or null': { type: 'string', nullable: true },
  'uuid or null': { type: 'string', nullable: true },
  texts: { type: 'array', items: { type: 'string' } },
}
const card = { type: 'object', properties: perField((type) => schemas[type]) }
const cardPage = {
  type: 'object',
  properties: { items: { type: 'array', items: card }, nextCursor: schemas['text or null'] },
}
const balance = { type: 'object', properties: { userId: schemas.uuid, balance: schemas.text } }
const params = { type: 'object', properties: { userId: { type: 'string', format: 'uuid' } }, required: ['userId'] }
export const querystring = {
  type: 'object',
  properties: { limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 } },
}
const columns = Object.entries(cardFields).map(([name, [column]]) => `${column} as "${name}"`)

/** Over raw `pg` with named statements; with a response schema for each route, which Fastify's docs recommend for speed. */
export function addRoutes(app: FastifyInstance, pool: pg.Pool): void {
  app.get<{ Params: { userId: string } }>(
    '/api/tokens/balance/:userId',
    { schema: { params, response: { 200: balance } } },
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
    { schema: { querystring, response: { 200: cardPage } } },
    async (request) => {
      const { limit } = request.query
      const { rows } = await pool.query({
        name: `cards ${limit}`,
        // The limit stands in the text, as Extropy's does: without knowing it PostgreSQL plans the statement anew each time.
        text: `select ${columns.join(', ')} from cards join users on users.id = cards.user_id
               left join cards as parent on parent.id = cards.parent_card_id and parent.is_published
               where cards.is_published order by cards.published_at desc, cards.id desc limit ${limit + 1}`,
      })
      return toCardPage(rows, limit)
    },
  )
}
