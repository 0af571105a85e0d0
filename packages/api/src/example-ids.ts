import { type Database, rawRead } from '@extropy/db'
import { type Kysely, sql } from 'kysely'

/** Stand for rows in the examples of procedures: see `findExampleIds`. */
export const exampleIds = {
  content: '00000000-0000-4000-8000-000000000001',
  author: '00000000-0000-4000-8000-000000000002',
  card: '00000000-0000-4000-8000-000000000003',
  ownCard: '00000000-0000-4000-8000-000000000004',
  user: '00000000-0000-4000-8000-000000000005',
  attribution: '00000000-0000-4000-8000-000000000006',
  pattern: '00000000-0000-4000-8000-000000000007',
  researchSession: '00000000-0000-4000-8000-000000000008',
  key: '00000000-0000-4000-8000-000000000009',
  job: '00000000-0000-4000-8000-000000000010',
  source: '00000000-0000-4000-8000-000000000011',
  import: '00000000-0000-4000-8000-000000000012',
  webhook: '00000000-0000-4000-8000-000000000014',
  subscription: '00000000-0000-4000-8000-000000000013',
  proposal: '00000000-0000-4000-8000-000000000015',
} as const

/** A name of a user, likewise. */
export const exampleUsername = 'ada'

/** Public rows of this database to stand where examples have placeholders, by placeholder; only those that there are. */
export async function findExampleIds(db: Kysely<Database>): Promise<ReadonlyMap<string, string>> {
  const { rows } = await rawRead(
    ['contents', 'authors', 'cards', 'users', 'attributions', 'patterns'],
    sql<Record<'content' | 'author' | 'card' | 'user' | 'username' | 'attribution' | 'pattern', string | null>>`
    select
      (select id from contents order by scraped_at desc limit 1) as content,
      (select id from authors order by platform, username limit 1) as author,
      (select id from cards where is_published order by published_at desc limit 1) as card,
      (select id from users order by created_at desc limit 1) as user,
      (select username from users order by created_at desc limit 1) as username,
      (select attributions.id from attributions
        join cards source on source.id = source_card_id and source.is_published
        join cards target on target.id = target_card_id and target.is_published
        limit 1) as attribution,
      (select id from patterns limit 1) as pattern`,
  ).execute(db)
  const { username, ...ids } = rows[0] as NonNullable<(typeof rows)[0]>
  const found = Object.entries(ids).map(([name, id]) => [exampleIds[name as keyof typeof exampleIds], id] as const)
  return new Map([...found, [exampleUsername, username] as const].flatMap(([from, to]) => (to ? [[from, to]] : [])))
}
