import { type Database, rawRead } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import { AppError } from '../errors.ts'
import { type Analysis, analysisVersion } from './analyse-text.ts'
import { readPart } from './read-part.ts'

export interface StoredContent {
  readonly id: string
  readonly title: string
  /** As far as it is read. */
  readonly body: string
  readonly language: string | null
  readonly analysis: Analysis | null
  readonly analyzedAt: string | null
}

/**
 * A content's text with its analysis, where it has one of this version.
 *
 * @throws AppError not_found
 */
export async function getAnalysed(db: Kysely<Database>, id: string, field: string): Promise<StoredContent> {
  const content = await db
    .selectFrom('contents')
    .select(['id', 'title', readPart, 'language', 'analysis', 'analyzedAt', 'analysisVersion'])
    .where('id', '=', id)
    .executeTakeFirst()
  if (content === undefined) {
    throw new AppError('not_found', `There is no content with the id ${id}.`, {
      issues: [{ field, message: 'no such content' }],
    })
  }
  const isCurrent = content.analysisVersion === analysisVersion && content.analysis !== null
  return {
    ...content,
    analysis: isCurrent ? (content.analysis as unknown as Analysis) : null,
    analyzedAt: isCurrent ? content.analyzedAt : null,
  }
}

export async function readAnalysisHealth(
  db: Kysely<Database>,
  { patternsVersion, languageModel }: { readonly patternsVersion: number; readonly languageModel: boolean },
) {
  const { rows } = await rawRead(
    ['contents', 'patterns'],
    sql<{ contents: number; analysed: number; patterns: number }>`
    select (select count(*)::int from contents) as contents,
           (select count(*)::int from contents where analysis_version = ${sql.lit(analysisVersion)}) as analysed,
           (select count(*)::int from patterns) as patterns`,
  ).execute(db)
  const { contents, analysed, patterns } = rows[0] as NonNullable<(typeof rows)[0]>
  return {
    status: analysed < contents ? ('behind' as const) : ('ok' as const),
    analysisVersion,
    patternsVersion,
    contents,
    analysed,
    patterns,
    languageModel,
  }
}
