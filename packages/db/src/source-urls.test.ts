import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { migrate } from './migrate.ts'
import { migrations } from './migrations/index.ts'
import { createBlankDatabase, type TestDatabase } from './testing/test-db.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createBlankDatabase(inject('databaseTemplate'))
})
afterAll(() => database.close())

test('contents stored under several spellings of a URL become one, the last one ingested, with the rows that refer to them', async () => {
  const { db } = database
  const names = Object.keys(migrations)
  await migrate(database, { to: names[names.indexOf('0016-source-urls') - 1] as string })
  const ids: Record<string, string> = {}
  const add = async (name: string, url: string, day: number) => {
    const { rows } = await sql<{ id: string }>`
      insert into contents (platform, source_url, author, title, body, content_hash, scraped_at)
      values ('web', ${url}, 'A', ${name}, '', '', ${`2026-01-0${day}T00:00:00Z`}::timestamptz) returning id`.execute(
      db,
    )
    ids[name] = rows[0]?.id as string
  }
  await add('plain', 'https://w.org/1', 2)
  await add('shouted', 'HTTPS://W.org:443/1', 3)
  await add('dotted', 'https://w.org/x/../%31#:~:text=a', 1)
  await add('alone', 'https://w.org/%7Eana?q=%2f', 1)
  await add('fragment', 'https://w.org/1#two', 1)
  await add('no url', 'nonsense', 1)
  await sql`insert into authors (id, platform, username, display_name, content_count)
            values ('00000000-0000-0000-0000-00000000000a', 'web', 'a', 'A', 3)`.execute(db)
  await sql`insert into content_authors (content_id, author_id, position)
            select id, '00000000-0000-0000-0000-00000000000a', 0 from contents
            where title in ('plain', 'shouted', 'dotted')`.execute(db)
  await sql`insert into users (id, username, display_name, email) values ('00000000-0000-0000-0000-00000000000b', 'u', 'U', 'u@e.org')`.execute(
    db,
  )
  await sql`insert into cards (user_id, title, body, slug, privacy_level, content_id)
            values ('00000000-0000-0000-0000-00000000000b', 'c', '', 'c', 'IDEAS', ${ids.dotted}::uuid)`.execute(db)
  await sql`insert into patterns (id, author_id, type, description, confidence_score)
            values ('00000000-0000-0000-0000-00000000000c', '00000000-0000-0000-0000-00000000000a', 'theme', 'p', 1)`.execute(
    db,
  )
  await sql`insert into pattern_contents (pattern_id, content_id)
            values ('00000000-0000-0000-0000-00000000000c', ${ids.plain}::uuid),
                   ('00000000-0000-0000-0000-00000000000c', ${ids.dotted}::uuid)`.execute(db)

  await migrate(database)
  const contents = await db.selectFrom('contents').select(['title', 'sourceUrl']).orderBy('title').execute()
  expect(contents).toEqual([
    { title: 'alone', sourceUrl: 'https://w.org/~ana?q=%2F' },
    { title: 'fragment', sourceUrl: 'https://w.org/1#two' },
    { title: 'no url', sourceUrl: 'nonsense' },
    { title: 'shouted', sourceUrl: 'https://w.org/1' },
  ])
  expect(await db.selectFrom('cards').select('contentId').execute()).toEqual([{ contentId: ids.shouted }])
  expect(await db.selectFrom('patternContents').select('contentId').execute()).toEqual([{ contentId: ids.shouted }])
  expect(await db.selectFrom('authors').select('contentCount').execute()).toEqual([{ contentCount: 1 }])
})
