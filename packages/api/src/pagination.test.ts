import { generate } from '@extropy/db'
import { createTestDatabase, type TestDatabase } from '@extropy/db/testing'
import type { inferRouterOutputs } from '@trpc/server'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { z } from 'zod'
import type { AppRouter } from './app-router.ts'
import { AppError } from './errors.ts'
import { procedures } from './serving/procedures.ts'
import { createTestCaller, createTestDeps } from './testing/test-deps.ts'

type Outputs = inferRouterOutputs<AppRouter>
type ListsOf<Feature extends keyof Outputs & string> = {
  [Name in keyof Outputs[Feature] & string]: Outputs[Feature][Name] extends { nextCursor: string | null }
    ? `${Feature}.${Name}`
    : never
}[keyof Outputs[Feature] & string]
type ListPath = { [Feature in keyof Outputs & string]: ListsOf<Feature> }[keyof Outputs & string]

interface Page {
  readonly items: readonly object[]
  readonly nextCursor: string | null
}

interface List {
  readonly name: string
  readonly schema: z.ZodType
  read(page: { limit?: number; cursor?: string }): Promise<Page>
  /** All rows that its pages must hold, as SQL that counts them. */
  readonly count: string
}

const sourceId = '0190f3c4-1b2a-7def-8123-456789abcdef'

/** The compiler names a list of the router that has no entry here. */
function describeLists(userId: string, cardId: string): Record<ListPath, [filters: object, from: string][]> {
  return {
    'attributions.backlinks': [[{ cardId }, `attributions where source_card_id = '${cardId}'`]],
    'attributions.proposals': [[{}, `attribution_proposals where target_user_id = '${userId}'`]],
    'attributions.received': [[{ userId }, `attributions where source_user_id = '${userId}'`]],
    'audit.list': [[{}, 'audit_log']],
    'authors.list': [[{}, 'authors']],
    'cards.list': [[{}, 'cards where is_published']],
    'cards.mine': [[{}, `cards where user_id = '${userId}'`]],
    'contents.list': [[{}, 'contents']],
    'imports.list': [[{ userId }, `jobs where user_id = '${userId}' and kind = 'imports.run'`]],
    'jobs.list': [[{ userId }, `jobs where user_id = '${userId}'`]],
    'keys.list': [[{}, `api_keys where user_id = '${userId}'`]],
    'patterns.list': [
      [{}, 'patterns'],
      [{ sort: 'confidence' }, 'patterns'],
    ],
    'researchSessions.list': [[{}, `research_sessions where user_id = '${userId}'`]],
    'sources.fetches': [[{ id: sourceId }, `fetches where source_id = '${sourceId}'`]],
    'sources.list': [[{}, 'sources']],
    'subscriptions.changes': [[{ id: sourceId }, `subscription_changes where subscription_id = '${sourceId}'`]],
    'subscriptions.list': [[{}, `subscriptions where user_id = '${userId}'`]],
    'tokens.ledger': [[{ userId }, `extropy_ledger where '${userId}' in (from_user_id, to_user_id)`]],
    'users.list': [[{}, 'users']],
    'webhooks.deliveries': [[{ id: sourceId }, `webhook_deliveries where webhook_id = '${sourceId}'`]],
    'webhooks.list': [[{}, `webhooks where user_id = '${userId}'`]],
  }
}

let database: TestDatabase
let lists: readonly List[]
beforeAll(async () => {
  database = await createTestDatabase(inject('databaseTemplate'))
  const { db } = database
  await generate(database, { cards: 300 })
  // Ties: what only differs in its id must neither be lost nor come twice at a page's edge.
  await sql`update cards set created_at = date_trunc('month', created_at), published_at = date_trunc('month', published_at)`.execute(
    db,
  )
  const { rows } = await sql<{ userId: string; cardId: string }>`
    select (select user_id from cards group by 1 order by count(*) desc limit 1) as user_id,
           (select source_card_id from attributions group by 1 order by count(*) desc limit 1) as card_id`.execute(db)
  const { userId, cardId } = rows[0] as { userId: string; cardId: string }
  // Enough for a second page of each list.
  await sql`update api_keys set user_id = ${userId}`.execute(db)
  await sql`update research_sessions set user_id = ${userId}`.execute(db)
  await sql`
    insert into jobs (kind, input, user_id, created_at)
    select kind, '{}', ${userId}, date_trunc('month', now())
    from generate_series(1, 30), unnest(array['test.made', 'imports.run']) as kind`.execute(db)
  await sql`
    insert into sources (id, platform, kind, target, url, label, created_at)
    select case when n = 1 then ${sourceId}::uuid else gen_random_uuid() end, 'rss', 'feed', n::text, n::text, n::text,
      date_trunc('month', now()) from generate_series(1, 30) n`.execute(db)
  await sql`
    insert into fetches (platform, source_id, target, url, final_url, outcome, total_ms)
    select 'rss', ${sourceId}, '1', '1', '1', 'ok', 1 from generate_series(1, 30)`.execute(db)
  await sql`
    insert into subscriptions (id, user_id, kind, name, input, feed_token, created_at)
    select case when n = 1 then ${sourceId}::uuid else gen_random_uuid() end, ${userId}, 'answer', 'x', '{}', n::text,
      date_trunc('month', now()) from generate_series(1, 30) n`.execute(db)
  await sql`
    insert into subscription_changes (subscription_id, sequence, change, created_at)
    select ${sourceId}, n, '{"new":[],"gone":[],"changed":[]}', date_trunc('month', now()) from generate_series(1, 30) n`.execute(
    db,
  )
  await sql`
    insert into attribution_proposals (source_card_id, source_user_id, target_card_id, target_user_id, coverage, evidence, created_at)
    select source.id, source.user_id, target.id, target.user_id, 1, '{"growth":2,"added":[],"kept":[]}', date_trunc('month', now())
    from (select id, user_id from cards where is_published and user_id <> ${userId} order by id limit 15) as source,
      (select id, user_id from cards where is_published and user_id = ${userId} order by id limit 2) as target`.execute(
    db,
  )
  await sql`
    insert into webhooks (id, user_id, url, secret, created_at)
    select case when n = 1 then ${sourceId}::uuid else gen_random_uuid() end, ${userId}, 'https://example.org', '',
      date_trunc('month', now()) from generate_series(1, 30) n`.execute(db)
  await sql`
    insert into webhook_deliveries (webhook_id, sequence, type, body, created_at)
    select ${sourceId}, n, 'webhook.test', '{}', date_trunc('month', now()) from generate_series(1, 30) n`.execute(db)
  await sql`
    insert into audit_log (actor_user_id, action, target, details, request_id)
    select ${userId}, 'test', 'it', '{}', 'test' from generate_series(1, 30)`.execute(db)
  const limits = { rateLimitPerHour: 1, userRateLimitPerHour: 1 }
  const principal = { userId, keyId: userId, scopes: ['admin'] as const, ...limits, expiresAt: null }
  const caller = createTestCaller(await createTestDeps(database), principal)
  lists = Object.entries(describeLists(userId, cardId)).flatMap(([path, forms]) => {
    const [feature = '', name = ''] = path.split('.')
    const call = (caller as unknown as Record<string, Record<string, (input: object) => Promise<Page>>>)[feature]?.[
      name
    ]
    return forms.map(([filters, from]) => ({
      name: `${path} ${JSON.stringify(filters)}`,
      schema: procedures.get(path)?.input as z.ZodType,
      read: (page: object) => call?.({ ...filters, ...page }) as Promise<Page>,
      count: `select count(*)::int as count from ${from}`,
    }))
  })
})
afterAll(() => database.close())

test('the pages of every list hold each row once, whatever their size', async () => {
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
      expect(seen.length, name).toBeGreaterThan(7)
    }
  }
})

test('every list refuses a cursor that is not its own', async () => {
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
      const { cause } = refused as { cause?: unknown }
      expect(cause, `${name}: ${cursor}`).toBeInstanceOf(AppError)
      expect((cause as AppError).reason).toBe('invalid_cursor')
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

  test('by name an id that is no UUID, and ten thousand characters of text', () => {
    const refusedKeys = lists.flatMap(({ schema }) => {
      const { properties = {} } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
      const texts = Object.keys(properties).filter((key) => (properties[key] as { type?: string }).type === 'string')
      return texts.map((key) => {
        const isId = (properties[key] as { format?: string }).format === 'uuid'
        const { error } = schema.safeParse({ [key]: isId ? "1' or '1'='1" : 'x'.repeat(10_000) })
        expect(error?.issues.map(({ path }) => path[0])).toContain(key)
        return key
      })
    })
    expect([...new Set(refusedKeys)]).toEqual(
      expect.arrayContaining(['cursor', 'userId', 'contentId', 'search', 'tag']),
    )
  })
})
