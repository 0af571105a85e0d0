import type { Deps } from '../../context.ts'
import type { ResearchSource } from '../research-sessions.schema.ts'

const mostPatterns = 20

/** The patterns that at least two of these contents are part of, the surest first. */
export async function findPatterns({ db }: Pick<Deps, 'db'>, found: readonly ResearchSource[]) {
  const ids = found.map(({ contentId }) => contentId)
  if (ids.length === 0) return { patterns: [], contentsAnalyzed: 0 }
  const patterns = await db
    .selectFrom('patterns')
    .innerJoin('patternContents', 'patternContents.patternId', 'patterns.id')
    .select(['patterns.id', 'type', 'description', 'confidenceScore'])
    .where('patternContents.contentId', 'in', ids)
    .groupBy('patterns.id')
    .having(({ fn }) => fn.countAll(), '>=', 2)
    .orderBy('confidenceScore', 'desc')
    .orderBy('patterns.id')
    .limit(mostPatterns)
    .execute()
  const { analyzed } = await db
    .selectFrom('contents')
    .select(({ fn }) => fn.count<number>('analyzedAt').as('analyzed'))
    .where('id', 'in', ids)
    .executeTakeFirstOrThrow()
  return { patterns, contentsAnalyzed: Number(analyzed) }
}
