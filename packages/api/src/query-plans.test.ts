import { generate } from '@extropy/db'
import { createTestDatabase, declaredIndexNames, planOf, type TestDatabase } from '@extropy/db/testing'
import { type CompiledQuery, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { listPublishedCards } from './cards/cards.queries.ts'
import { otherReads, type Read, readSample, readsByIndex, type Sample } from './testing/reads-by-index.ts'

const template = inject('databaseTemplate')

test('every declared index has its query here', () => {
  expect(Object.keys(readsByIndex).sort()).toEqual([...declaredIndexNames].sort())
})

if (template.kind === 'postgres') {
  describe('on PostgreSQL, with 40,000 cards', () => {
    let database: TestDatabase
    let sample: Sample
    let queries: CompiledQuery[] = []
    beforeAll(async () => {
      database = await createTestDatabase(template, { onQuery: (query) => queries.push(query) })
      await generate(database, { cards: 40_000 })
      await sql`
        insert into audit_log (actor_user_id, action, created_at)
        select id, 'tokens.transfer', now() - n * interval '1 week' from users, generate_series(1, 40) as n`.execute(
        database.db,
      )
      await sql`
        insert into jobs (kind, input, user_id, status, singleton_key, created_at, finished_at, lease_until)
        select 'test.kind' || n % 20, '{}', id, status, case status when 'queued' then n::text end,
          now() - n * interval '1 minute', case when status in ('succeeded', 'dead') then now() - n * interval '1 minute' end,
          case status when 'running' then now() end
        from (select id, row_number() over () as n from users, generate_series(1, 20)) as numbered,
          lateral (select (array['queued', 'running', 'dead', 'succeeded'])[least(n % 50 + 1, 4)] as status) as given`.execute(
        database.db,
      )
      await sql`
        insert into sources (platform, kind, target, url, label, status, added_by, next_at, created_at)
        select 'rss', 'feed', n::text, n::text, n::text, case when n % 100 = 0 then 'gone' else 'active' end, id,
          now() + n * interval '1 second', now() - n * interval '1 minute'
        from (select id, row_number() over () as n from users, generate_series(1, 20)) as numbered`.execute(database.db)
      await sql`
        insert into fetches (platform, source_id, target, url, final_url, outcome, total_ms)
        select 'rss', case when row_number() over () % 500 = 0 then '00000000-0000-4000-8000-000000000007'::uuid else id end, n::text, '', '', 'ok', 1
        from sources, generate_series(1, 2) as n`.execute(database.db)
      await sql`
        insert into webhooks (id, user_id, url, secret, created_at)
        select case when n = 7 then '00000000-0000-4000-8000-000000000012'::uuid else gen_random_uuid() end, id, '', '',
          now() - n * interval '1 minute'
        from (select id, row_number() over () as n from users, generate_series(1, 3)) as numbered`.execute(database.db)
      await sql`
        insert into webhook_deliveries (webhook_id, sequence, type, body, status, created_at, queued_at)
        select id, n, 'webhook.test', '{}', case n when 20 then 'pending' else 'delivered' end, at, at
        from webhooks, generate_series(1, 20) as n, lateral (select now() - n * interval '1 hour' as at) as times`.execute(
        database.db,
      )
      await sql`
        insert into subscriptions (id, user_id, kind, name, input, tags, feed_token, created_at)
        select case when n = 7 then '00000000-0000-4000-8000-000000000013'::uuid else gen_random_uuid() end, id, 'answer', '', '{}',
          array['contents.id=' || n], n::text, now() - n * interval '1 minute'
        from (select id, row_number() over () as n from users, generate_series(1, 5)) as numbered`.execute(database.db)
      await sql`
        insert into subscription_changes (subscription_id, sequence, change, created_at)
        select id, n, '{"new":[],"gone":[],"changed":[]}', now() - n * interval '1 hour'
        from subscriptions, generate_series(1, case id when '00000000-0000-4000-8000-000000000013' then 300 else 3 end) as n`.execute(
        database.db,
      )
      await sql`
        insert into attribution_proposals (source_card_id, source_user_id, target_card_id, target_user_id, coverage)
        select source_card_id, source_user_id, target_card_id, target_user_id, 1 from attributions
        on conflict do nothing`.execute(database.db)
      await sql`
        insert into content_aliases (url, content_id, reason) select source_url || '?a', id, 'redirect' from contents`.execute(
        database.db,
      )
      await sql`insert into content_text_hashes select id, 'hash' || row_number() over () from contents`.execute(
        database.db,
      )
      // An empty text as gzip.
      await sql`
        insert into raw_documents
        select substr(sha256(id::text::bytea), 1, 8), '\\x1f8b080000000000000303000000000000000000', 0 from contents`.execute(
        database.db,
      )
      await sql`
        insert into content_origins (content_id, platform, target, url, document_hash, document_taken_at)
        select id, 'rss', id::text, '', substr(sha256(id::text::bytea), 1, 8), now() from contents`.execute(database.db)
      await sql`update research_sessions set job_id = (select id from jobs limit 1) where status = 'in_progress'`.execute(
        database.db,
      )
      // Empty but for moments; then a writer has left the words of a batch.
      await sql`insert into search_term_changes select id, 0 from search_terms`.execute(database.db)
      await sql`vacuum analyze`.execute(database.db)
      sample = await readSample(database.db)
    })
    afterAll(() => database.close())

    const plansOf = async (read: Read): Promise<string> => {
      queries = []
      await read(database.db, sample)
      const plans: string[] = []
      for (const query of queries.slice()) plans.push(...(await planOf(database.db, query)))
      return plans.join('\n')
    }

    test.each([...Object.entries(readsByIndex), ...otherReads])(
      '%s serves its query; nothing is scanned',
      async (index, read) => {
        const plan = await plansOf(read)
        expect(plan).toContain(index)
        expect(plan).not.toContain('Seq Scan')
      },
    )

    test('without its index, the list of published cards is scanned and sorted: the assertion above can fail', async () => {
      await sql`drop index idx_cards_published_desc`.execute(database.db)
      expect(await plansOf((db) => listPublishedCards(db, { limit: 20 }))).toContain('Seq Scan on cards')
    })
  })
}
