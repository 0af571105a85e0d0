import { rawWrite } from '@extropy/db'
import { sql } from 'kysely'
import type { Deps } from '../context.ts'
import { invalidating } from '../invalidating.ts'
import { type Analysis, analysisVersion } from './analyse-text.ts'
import type { GivenText } from './read-text.ts'

export interface AnalyseOptions {
  readonly signal?: AbortSignal | undefined
  readonly background?: boolean
}

/** Analyses texts, in their order: `analyseTexts` of an analyst. */
export type AnalyseTexts = (texts: readonly GivenText[], options: AnalyseOptions) => Promise<Analysis[]>

const batchSize = 16

/**
 * Analyses these contents and stores what was found. Contents that have gone are left out; one that was ingested anew meanwhile keeps
 * waiting for its analysis. Returns how many were stored.
 */
export async function analyseStored(
  deps: Pick<Deps, 'db' | 'cache'>,
  analyse: AnalyseTexts,
  ids: readonly string[],
  options: AnalyseOptions = {},
): Promise<number> {
  let stored = 0
  for (let start = 0; start < ids.length && !options.signal?.aborted; start += batchSize) {
    const contents = await deps.db
      .selectFrom('contents')
      .select(['id', 'title', 'body', 'language', 'contentHash'])
      .where('id', 'in', ids.slice(start, start + batchSize))
      .execute()
    const analyses = await analyse(contents, options)
    await invalidating(deps, async (db) => {
      const { numAffectedRows = 0n } = await rawWrite(
        ['contents'],
        sql`
        update contents set analysis = given.analysis, analyzed_at = now(), analysis_version = ${sql.lit(analysisVersion)}
        from unnest(${contents.map(({ id }) => id)}::uuid[], ${contents.map(({ contentHash }) => contentHash)}::text[],
                    ${analyses.map((analysis) => JSON.stringify(analysis))}::jsonb[]) as given (id, content_hash, analysis)
        where contents.id = given.id and contents.content_hash = given.content_hash`,
      ).execute(db)
      stored += Number(numAffectedRows)
    })
  }
  return stored
}
