import { type Database, rawRead } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import { inTransaction } from '../transaction.ts'
import { type Evidence, type FoundPattern, patternsVersion, type Quote } from './pattern.ts'

/** Stores an author's patterns in the place of those that were there; one that was known before keeps the time of its discovery. */
export function storePatterns(
  db: Kysely<Database>,
  authorId: string,
  patterns: readonly FoundPattern[],
): Promise<void> {
  return inTransaction(db, async (trx) => {
    // Two that find the same author's patterns at once: the second one's stay.
    await trx
      .updateTable('authors')
      .set({ patternsVersion, patternsFoundAt: sql<string>`now()` })
      .where('id', '=', authorId)
      .execute()
    const former = await trx
      .deleteFrom('patterns')
      .where('authorId', '=', authorId)
      // Those that were written by hand, or by another program, name no method.
      .where('method', '<>', '')
      .returning(['id', 'discoveredAt'])
      .execute()
    const discovered = new Map(former.map(({ id, discoveredAt }) => [id, discoveredAt]))
    const wanted = [...new Set(patterns.flatMap(({ evidence }) => evidence.map(({ contentId }) => contentId)))]
    const present = new Set(
      wanted.length === 0
        ? []
        : (await trx.selectFrom('contents').select('id').where('id', 'in', wanted).forKeyShare().execute()).map(
            ({ id }) => id,
          ),
    )
    // A content that was deleted while its patterns were computed takes them along.
    const whole = patterns.filter(({ evidence }) => evidence.every(({ contentId }) => present.has(contentId)))
    if (whole.length === 0) return
    await trx
      .insertInto('patterns')
      .values(
        whole.map(({ evidence: _, ...pattern }) => {
          const discoveredAt = discovered.get(pattern.id)
          return { ...pattern, authorId, ...(discoveredAt === undefined ? {} : { discoveredAt }) }
        }),
      )
      .execute()
    const rows = whole.flatMap(({ id, evidence }) =>
      evidence.map(({ contentId, ...rest }, position) => ({
        patternId: id,
        contentId,
        position,
        evidence: JSON.stringify(rest) as unknown as Record<string, unknown>,
      })),
    )
    for (let start = 0; start < rows.length; start += rowsAtOnce) {
      await trx
        .insertInto('patternContents')
        .values(rows.slice(start, start + rowsAtOnce))
        .execute()
    }
  })
}

const rowsAtOnce = 1000

/** An author's themes with their contents, by id. */
export async function readFormerThemes(db: Kysely<Database>, authorId: string): Promise<Map<string, string[]>> {
  const rows = await db
    .selectFrom('patterns')
    .innerJoin('patternContents', 'patternContents.patternId', 'patterns.id')
    .select(['patterns.id', 'patternContents.contentId'])
    .where('patterns.authorId', '=', authorId)
    .where('patterns.type', '=', 'theme')
    .execute()
  const themes = new Map<string, string[]>()
  for (const { id, contentId } of rows) themes.set(id, [...(themes.get(id) ?? []), contentId])
  return themes
}

/** So much of a quote must stand in a passage for it to be the quote's. */
const quotedCharacters = 60

/** Patterns whose quotes name the passages that they stand in. */
export async function withPassages(db: Kysely<Database>, patterns: readonly FoundPattern[]): Promise<FoundPattern[]> {
  const ids = [...new Set(patterns.flatMap(({ evidence }) => evidence.map(({ contentId }) => contentId)))]
  if (ids.length === 0) return [...patterns]
  const { rows } = await rawRead(
    ['contentChunks'],
    sql<{ id: number; contentId: string; text: string }>`
    select id, content_id, text from content_chunks where content_id = any(${ids}::uuid[]) order by content_id, ordinal`,
  ).execute(db)
  const passages = Map.groupBy(rows, ({ contentId }) => contentId)
  const place = (contentId: string, quote: Quote): Quote => {
    const start = squeeze(quote.text.slice(0, quotedCharacters).replace(/…$/, ''))
    const passage = passages.get(contentId)?.find(({ text }) => squeeze(text).includes(start))
    return { ...quote, passageId: passage === undefined ? null : String(passage.id) }
  }
  const placeAll = (evidence: Evidence): Evidence => {
    const { contentId, from, kept } = evidence
    const quotes = evidence.quotes.map((quote) => place(contentId, quote))
    if (kept === undefined || from === undefined) return { ...evidence, quotes }
    return {
      ...evidence,
      quotes,
      kept: kept.map((each) => ({ ...each, older: place(from, each.older), newer: place(contentId, each.newer) })),
    }
  }
  return patterns.map((pattern) => ({ ...pattern, evidence: pattern.evidence.map(placeAll) }))
}

/** A quote is read without markup, a passage stored with it. */
const squeeze = (text: string): string => text.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[\s*_`#>\\]+/g, '')
