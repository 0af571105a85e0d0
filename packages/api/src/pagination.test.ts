import { generate } from '@extropy/db'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { listApiKeys } from './api-keys/api-keys.queries.ts'
import { ListKeys } from './api-keys/api-keys.schema.ts'
import { listBacklinks, listReceived } from './attributions/attributions.queries.ts'
import { ListBacklinks, ListReceived } from './attributions/attributions.schema.ts'
import { listAuthors } from './authors/authors.queries.ts'
import { ListAuthors } from './authors/authors.schema.ts'
import { listOwnCards, listPublishedCards } from './cards/cards.queries.ts'
import { ListOwnCards, ListPublishedCards } from './cards/cards.schema.ts'
import { listContents } from './contents/contents.queries.ts'
import { ListContents } from './contents/contents.schema.ts'
import { AppError } from './errors.ts'
import { listPatterns } from './patterns/patterns.queries.ts'
import { ListPatterns } from './patterns/patterns.schema.ts'
import { listResearchSessions } from './research-sessions/research-sessions.queries.ts'
import { ListResearchSessions } from './research-sessions/research-sessions.schema.ts'
import { listLedger } from './tokens/tokens.queries.ts'
import { ListLedger } from './tokens/tokens.schema.ts'
import { listUsers } from './users/users.queries.ts'
import { ListUsers } from './users/users.schema.ts'

interface Page {
  readonly items: readonly object[]
  readonly nextCursor: string | null
}

/** A list, asked for as a caller would: its own schema first. */
interface List {
  readonly name: string
  readonly schema: { parse(input: object): unknown }
  read(page: { limit?: number; cursor?: string }): Promise<Page>
  /** All rows that its pages must hold, as SQL that counts them. */
  readonly count: string
}

const viewerId = null
let database: TestDatabase
let lists: readonly List[]
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  await generate(database, { cards: 300 })
  // Ties: what only differs in its id must neither be lost nor come twice at a page's edge.
  await sql`update cards set created_at = date_trunc('month', created_at), published_at = date_trunc('month', published_at)`.execute(
    database.db,
  )
  const { rows } = await sql<{ userId: string; cardId: string }>`
    select (select user_id from cards group by 1 order by count(*) desc limit 1) as user_id,
           (select source_card_id from attributions group by 1 order by count(*) desc limit 1) as card_id`.execute(
    database.db,
  )
  lists = describeLists(rows[0] as { userId: string; cardId: string })
})
afterAll(() => database.close())

function describeLists({ userId, cardId }: { userId: string; cardId: string }): List[] {
  const { db } = database
  return [
    list('contents', ListContents, {}, (input) => listContents(db, input), 'from contents'),
    list('authors', ListAuthors, {}, (input) => listAuthors(db, input), 'from authors'),
    list('users', ListUsers, {}, (input) => listUsers(db, input), 'from users'),
    list('patterns', ListPatterns, {}, (input) => listPatterns(db, input), 'from patterns'),
    list('surest patterns', ListPatterns, { sort: 'confidence' }, (input) => listPatterns(db, input), 'from patterns'),
    list('sessions', ListResearchSessions, {}, (input) => listResearchSessions(db, input), 'from research_sessions'),
    list(
      'keys',
      ListKeys,
      {},
      (input) => listApiKeys(db, { ...input, userId }),
      `from api_keys where user_id = '${userId}'`,
    ),
    list('cards', ListPublishedCards, {}, (input) => listPublishedCards(db, input), 'from cards where is_published'),
    list(
      'own cards',
      ListOwnCards,
      {},
      (input) => listOwnCards(db, { ...input, userId }),
      `from cards where user_id = '${userId}'`,
    ),
    list(
      'backlinks',
      ListBacklinks,
      { cardId },
      (input) => listBacklinks(db, { ...input, viewerId }),
      `from attributions where source_card_id = '${cardId}'`,
    ),
    list(
      'received',
      ListReceived,
      { userId },
      (input) => listReceived(db, { ...input, viewerId }),
      `from attributions where source_user_id = '${userId}'`,
    ),
    list(
      'ledger',
      ListLedger,
      { userId },
      (input) => listLedger(db, input),
      `from extropy_ledger where '${userId}' in (from_user_id, to_user_id)`,
    ),
  ]
}

function list<Input>(
  name: string,
  schema: { parse(input: object): Input },
  fixed: object,
  read: (input: Input) => Promise<Page>,
  from: string,
): List {
  return {
    name,
    schema,
    read: async (page) => read(schema.parse({ ...fixed, ...page })),
    count: `select count(*)::int as count ${from}`,
  }
}

test('every list: its pages hold each row once, whatever their size', async () => {
  for (const { name, read, count } of lists) {
    const { rows } = await sql.raw<{ count: number }>(count).execute(database.db)
    for (const limit of [7, 100]) {
      const seen: string[] = []
      let cursor: string | null = null
      do {
        const page: Page = await read(cursor === null ? { limit } : { limit, cursor })
        seen.push(...page.items.map((item) => JSON.stringify(item)))
        expect(page.items.length).toBeLessThanOrEqual(limit)
        cursor = page.nextCursor
      } while (cursor !== null)
      expect(new Set(seen).size, name).toBe(seen.length)
      expect(seen.length, name).toBe(rows[0]?.count)
    }
  }
})

test('every list: a cursor that is not its own is a clear refusal', async () => {
  const other = Buffer.from(JSON.stringify(['elsewhere', ['2026-01-01T00:00:00Z', crypto.randomUUID()]]))
  for (const { name, read } of lists) {
    const { nextCursor } = await read({ limit: 1 })
    const own = nextCursor ?? ''
    const forged = [
      'x',
      own.slice(0, -5),
      ...['!', '==', ' ', '\n', '.x'].flatMap((junk) => [
        own + junk,
        junk + own,
        own.slice(0, 9) + junk + own.slice(9),
      ]),
      other.toString('base64url'),
      ...yearZero(own),
      Buffer.from('["cards.published",["yesterday","1"]]').toString('base64url'),
    ]
    for (const cursor of forged) {
      const refused = await read({ cursor }).catch((error: unknown) => error)
      expect(refused, `${name}: ${cursor}`).toBeInstanceOf(AppError)
      expect((refused as AppError).reason).toBe('invalid_cursor')
    }
  }
})

/** The same cursor with a time that zod's ISO format allows and PostgreSQL does not; none for a key without a time. */
function yearZero(cursor: string): string[] {
  const text = Buffer.from(cursor, 'base64url').toString()
  const forged = text.replace(/"\d{4}-/, '"0000-')
  return forged === text ? [] : [Buffer.from(forged).toString('base64url')]
}

describe('every list refuses', () => {
  test.each([
    ['limit 0', { limit: 0 }],
    ['limit 101', { limit: 101 }],
    ['limit NaN', { limit: Number.NaN }],
    ['a limit that is no number', { limit: '20' }],
    ['a key that it does not know', { offset: 20 }],
    ['a cursor of 1,001 characters', { cursor: 'x'.repeat(1001) }],
  ])('%s', (_, input) => {
    for (const { schema, name } of lists) expect(() => schema.parse(input), name).toThrow()
  })
})

test.each([
  [ListOwnCards, 'userId'],
  [ListPublishedCards, 'contentId'],
  [ListBacklinks, 'cardId'],
  [ListLedger, 'userId'],
  [ListPatterns, 'authorId'],
])('an id that is no UUID is refused', (schema, key) => {
  expect(() => schema.parse({ [key]: "1' or '1'='1" })).toThrow()
})

test.each([ListUsers, ListAuthors, ListPublishedCards])(
  'ten thousand characters in a search box are refused',
  (schema) => {
    expect(() => schema.parse({ search: 'x'.repeat(10_000) })).toThrow()
  },
)
