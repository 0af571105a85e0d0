import { getBalance, getTokenStats, listBacklinks } from '@extropy/api/testing/reads'
import { sql } from 'kysely'
import { record } from '../results.ts'
import type { GeneratedDatabase } from './generated-database.ts'
import { printTable, underLoad } from './measure.ts'

/** What the replaced service was measured at, 16 callers, over HTTP, on 438 MB of data. */
const replaced = { backlinks: 85, stats: 170, balance: 620 }

/** Its three slowest reads as this package's query functions, on a database of its size, 16 callers. */
export async function benchReplaced({ db }: GeneratedDatabase, seconds: number): Promise<void> {
  const { rows: cards } = await sql<{ id: string; count: number }>`
    select source_card_id as id, count(*)::int as count from attributions
    group by 1 order by abs(count(*) - 164), 1 limit 1`.execute(db)
  const { rows: users } = await sql<{ id: string }>`select id from users order by md5(id::text) limit 500`.execute(db)
  const card = cards[0]
  if (card === undefined) throw new Error('there is no data to read')
  const userId = (n: number) => users[n % users.length]?.id as string
  const whole = async () => {
    // 100 is a page's limit: all of the card's backlinks are two pages.
    const first = await listBacklinks(db, { cardId: card.id, viewerId: null, limit: 100, cursor: undefined })
    if (first.nextCursor === null) return
    await listBacklinks(db, { cardId: card.id, viewerId: null, limit: 100, cursor: first.nextCursor })
  }
  const page = () => listBacklinks(db, { cardId: card.id, viewerId: null, limit: 20, cursor: undefined })
  const row = async (name: string, before: number, call: (n: number) => Promise<unknown>) => {
    const { perSecond, p50Ms } = await underLoad(16, seconds, call)
    record({
      suite: 'db',
      name: `against the replaced service: ${name.replace(/\d+ backlinks/, 'backlinks')}`,
      contender: 'query function',
      unit: 'calls/s',
      value: perSecond,
      ratioTo: 'replaced service, as measured before',
      ratio: perSecond / before,
    })
    return {
      read: name,
      'per second': Math.round(perSecond),
      'p50 ms': p50Ms.toFixed(2),
      'replaced service, per second': before,
      times: (perSecond / before).toFixed(1),
    }
  }
  printTable([
    await row(`a page of 20 of a card's ${card.count} backlinks`, replaced.backlinks, page),
    await row(`all ${card.count} backlinks, in two pages`, replaced.backlinks, whole),
    await row('token statistics', replaced.stats, (n) => getTokenStats(db, userId(n))),
    await row('balance', replaced.balance, (n) => getBalance(db, userId(n))),
  ])
}
