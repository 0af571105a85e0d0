import type { Database } from '@extropy/db'
import type { Kysely } from 'kysely'
import type { Sentence } from '../document/sentences.ts'
import { readSentencesNear } from '../document/sentences-near.ts'
import { quotedText } from '../receipts/receipts.ts'
import type { SearchResult } from '../search/search.ts'

/** A content that an answer may quote, with its whole sentences. */
export interface Source {
  readonly contentId: string
  readonly contentHash: string
  readonly text: string
  readonly sentences: readonly Sentence[]
}

/** The contents of these passages, by id. One that was deleted meanwhile is not there. */
export async function readSources(
  db: Kysely<Database>,
  passages: readonly SearchResult[],
): Promise<ReadonlyMap<string, Source>> {
  const ids = [...new Set(passages.map(({ content }) => content.id))]
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('contents')
    .select(['id', 'title', 'body', 'contentHash'])
    .where('id', 'in', ids)
    .execute()
  return new Map(
    rows.map((row) => {
      const text = quotedText(row)
      const own = passages.filter(({ content }) => content.id === row.id).map(({ passage }) => passage.text)
      const source = { contentId: row.id, contentHash: row.contentHash, text, sentences: sentencesAround(text, own) }
      return [row.id, source] as const
    }),
  )
}

function sentencesAround(text: string, passages: readonly string[]): Sentence[] {
  return readSentencesNear(
    text,
    passages.map((passage) => text.indexOf(passage)).filter((at) => at !== -1),
  )
}
