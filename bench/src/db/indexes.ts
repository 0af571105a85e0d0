import { readSample, readsByIndex } from '@extropy/api/testing/reads'
import { sql } from 'kysely'
import type { GeneratedDatabase } from '../databases.ts'
import { medianMs } from '../load.ts'
import { record } from '../results.ts'
import { table } from '../table.ts'

/** The indexes that operators look for by name. */
const namedIndexes = `
  idx_contents_scraped_at_desc idx_contents_analyzed_at_not_null idx_contents_embedding_not_null
  idx_contents_platform_scraped idx_authors_username_trigram idx_authors_display_name_trigram
  idx_patterns_confidence_score_desc idx_patterns_discovered_at_desc idx_research_sessions_status_created
  idx_users_email_lower idx_users_username_lower idx_cards_user_created_desc idx_cards_published_desc
  idx_extropy_ledger_user_type_created idx_api_keys_hash_active`

/** Each named index's query with it and, inside a transaction that is rolled back, without it. */
export async function benchIndexes({ db, cards }: GeneratedDatabase): Promise<void> {
  const sample = await readSample(db)
  const rows: string[][] = []
  for (const index of namedIndexes.trim().split(/\s+/)) {
    const read = readsByIndex[index]
    if (read === undefined) throw new Error(`no query uses ${index}`)
    const withIndex = await medianMs(200, () => read(db, sample))
    const trx = await db.startTransaction().execute()
    await sql`drop index ${sql.id(index)}`.execute(trx)
    const without = await medianMs(7, () => read(trx, sample))
    await trx.rollback().execute()
    const ratio = without / withIndex
    const measured = { suite: 'db', name: `index by index: ${index}`, unit: 'ms' }
    record({
      ...measured,
      contender: 'without',
      value: without,
      ratioTo: 'with',
      ratio,
      goals: ['each named index: without / with'],
    })
    rows.push([index, withIndex.toFixed(3), without.toFixed(3), ratio.toFixed(1)])
  }
  process.stdout.write(`\n### With and without each named index, ${cards.toLocaleString('en')} cards\n`)
  process.stdout.write(table(['', 'with, p50 ms', 'without, p50 ms', 'times'], rows))
}
