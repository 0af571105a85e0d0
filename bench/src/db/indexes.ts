import { readSample, readsByIndex } from '@extropy/api/testing/reads'
import { sql } from 'kysely'
import { record } from '../results.ts'
import type { GeneratedDatabase } from './generated-database.ts'
import { medianMs, printTable } from './measure.ts'

/** The indexes that operators look for by name. */
const namedIndexes = [
  'idx_contents_scraped_at_desc',
  'idx_contents_analyzed_at_not_null',
  'idx_contents_embedding_not_null',
  'idx_contents_platform_scraped',
  'idx_authors_username_trigram',
  'idx_authors_display_name_trigram',
  'idx_patterns_confidence_score_desc',
  'idx_patterns_discovered_at_desc',
  'idx_research_sessions_status_created',
  'idx_users_email_lower',
  'idx_users_username_lower',
  'idx_cards_user_created_desc',
  'idx_cards_published_desc',
  'idx_extropy_ledger_user_type_created',
  'idx_api_keys_hash_active',
]

/** Each named index's query with it and, inside a transaction that is rolled back, without it. */
export async function benchIndexes(
  { db, cards }: GeneratedDatabase,
  calls: { withIndex: number; without: number },
): Promise<void> {
  const sample = await readSample(db)
  const rows: Record<string, string | number>[] = []
  for (const index of namedIndexes) {
    const read = readsByIndex[index]
    if (read === undefined) throw new Error(`no query uses ${index}`)
    const withIndex = await medianMs(calls.withIndex, () => read(db, sample))
    let without = Number.NaN
    await db
      .transaction()
      .execute(async (trx) => {
        await sql`drop index ${sql.id(index)}`.execute(trx)
        without = await medianMs(calls.without, () => read(trx, sample))
        throw new RollBack()
      })
      .catch((error: unknown) => {
        if (!(error instanceof RollBack)) throw error
      })
    const measured = { suite: 'db', name: `index by index: ${index}`, unit: 'ms', at: cards, atUnit: 'cards' }
    record({ ...measured, contender: 'with', value: withIndex })
    record({ ...measured, contender: 'without', value: without, ratioTo: 'with', ratio: without / withIndex })
    rows.push({
      index,
      'with, p50 ms': withIndex.toFixed(3),
      'without, p50 ms': without.toFixed(3),
      times: (without / withIndex).toFixed(1),
    })
  }
  process.stdout.write(`\nWith and without each named index, ${cards.toLocaleString('en')} cards\n`)
  printTable(rows)
}

class RollBack extends Error {}
