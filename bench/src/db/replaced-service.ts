import { getBalance, getTokenStats, listBacklinks } from '@extropy/api/testing/reads'
import { sql } from 'kysely'
import { type GeneratedDatabase, onServer } from '../databases.ts'
import type { GoalName } from '../goals.ts'
import { underLoad } from '../load.ts'
import { record } from '../results.ts'
import { table } from '../table.ts'

/** Its slowest reads as this package's query functions, on a database of its size, 438 MB, 16 callers; beside its measured times, over HTTP. */
export async function benchReplaced({ db, url }: GeneratedDatabase, seconds: number): Promise<void> {
  const { cardId } = await mostLike164(url)
  const { rows: users } = await sql<{ id: string }>`select id from users order by md5(id::text) limit 500`.execute(db)
  const userId = (n: number) => users[n % users.length]?.id as string
  const page = (limit: number, cursor?: string) => listBacklinks(db, { cardId, viewerId: null, limit, cursor })
  const whole = async () => {
    // 100 is a page's limit: all of the card's backlinks are two pages.
    const { nextCursor } = await page(100)
    if (nextCursor !== null) await page(100, nextCursor)
  }
  const reads: [name: string, before: number, goal: GoalName, call: (n: number) => Promise<unknown>][] = [
    ["a page of 20 of a card's backlinks", 85, 'a page of backlinks / the replaced service', () => page(20)],
    ['all backlinks, in two pages', 85, 'all backlinks of a card / the replaced service', whole],
    ['token statistics', 170, 'token statistics / the replaced service', (n) => getTokenStats(db, userId(n))],
    ['balance', 620, 'balance / the replaced service', (n) => getBalance(db, userId(n))],
  ]
  const rows: string[][] = []
  for (const [name, before, goal, call] of reads) {
    const { value, p50Ms } = await underLoad(16, seconds, call)
    const ratio = value / before
    record({
      suite: 'db',
      name: `against the replaced service: ${name}`,
      contender: 'query function',
      unit: 'calls/s',
      value,
      ratioTo: 'replaced service, as measured before',
      ratio,
      goals: [goal],
    })
    rows.push([name, value.toFixed(0), p50Ms.toFixed(2), String(before), ratio.toFixed(1)])
  }
  process.stdout.write(`\n### Against the replaced service\n`)
  process.stdout.write(table(['', 'per second', 'p50 ms', 'replaced service, per second', 'times'], rows))
}

/** The card with nearest to 164 attributions, the number that the replaced service was measured with. */
export async function mostLike164(url: string): Promise<{ readonly cardId: string; readonly count: number }> {
  const [card] = await onServer(
    url,
    `select source_card_id as "cardId", count(*)::int as count from attributions
     group by 1 order by abs(count(*) - 164), 1 limit 1`,
  )
  if (card === undefined) throw new Error('there are no attributions to read')
  return card as { cardId: string; count: number }
}
