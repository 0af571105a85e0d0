import { issueKey } from '@extropy/api'
import { sql } from 'kysely'
import { type GeneratedDatabase, openGenerated } from '../db/generated-database.ts'

/** What all parts of the suite work on. */
export interface HttpData {
  readonly url: string
  readonly cards: number
  /** Of an admin, with a limit that no load reaches: any user's balance may be asked for. */
  readonly key: string
  readonly userIds: readonly string[]
  /** The card whose attributions are nearest to 164 in number, and how many it has. */
  readonly attributed: { readonly cardId: string; readonly count: number }
  /** Drops the database, unless it is kept for the next run. */
  remove(): Promise<void>
}

const largestLimit = 2_000_000_000

export async function openHttpData(serverUrl: string, cards: number, keep: boolean): Promise<HttpData> {
  const database = await openGenerated(serverUrl, cards, keep)
  const { key } = await issueKey(database.db, {
    username: 'bench_http',
    scope: 'admin',
    rateLimitPerHour: largestLimit,
  })
  const { rows: users } = await sql<{ id: string }>`select id from users order by md5(id::text) limit 500`.execute(
    database.db,
  )
  const attributed = await mostLike164(database)
  return {
    url: database.url,
    cards,
    key,
    userIds: users.map(({ id }) => id),
    attributed,
    remove: () => database.remove(),
  }
}

async function mostLike164({ db }: GeneratedDatabase): Promise<HttpData['attributed']> {
  const { rows } = await sql<{ cardId: string; count: number }>`
    select source_card_id as "cardId", count(*)::int as count from attributions
    group by 1 order by abs(count(*) - 164), 1 limit 1`.execute(db)
  const [card] = rows
  if (card === undefined) throw new Error('there are no attributions to read')
  return card
}
