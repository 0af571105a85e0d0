import { rawRead, rawWrite } from '@extropy/db'
import { sql } from 'kysely'
import type { Deps } from '../context.ts'
import { invalidating } from '../invalidating.ts'
import { type Analysis, analysisVersion } from './analyse-text.ts'
import { askSecondOpinion } from './second-opinion.ts'

/** Contents of one process that wait; of an import of more the newest have their opinion. A process that ends forgets them. */
const mostWaiting = 1000
const dayMs = 86_400_000
/** Below that a call is not begun: the prompt alone takes some hundreds. */
const fewestTokens = 1500
const mostTokensEach = 16_000
/** A content that the endpoint refuses again and again would take the tokens of a day from all others. */
const mostTries = 3

type OpinionDeps = Pick<Deps, 'db' | 'cache' | 'writer' | 'analysisTokensPerDay'>

export interface SecondOpinions {
  /** Contents that were just analysed. */
  add(ids: readonly string[]): void
  /** Asks for one content's opinion and stores it beside its analysis. Whether there may be more to do now. @throws WriterError */
  next(signal: AbortSignal): Promise<boolean>
}

/**
 * A language model's opinion of contents in the order in which they were analysed, one call each. No more than so many tokens within any 24
 * hours; those that stored opinions have used count from the start on, those of calls that failed only in their process. A content whose
 * call fails is asked about again behind all others, and after three tries no more. Without a model, or a budget of 0, nothing is asked.
 */
export function createSecondOpinions(deps: OpinionDeps, now: () => number = Date.now): SecondOpinions {
  const { db, writer, analysisTokensPerDay = 0 } = deps
  const waiting: string[] = []
  const failed = new Map<string, number>()
  let spent: { readonly at: number; readonly tokens: number }[] | undefined

  const left = async () => {
    spent ??= [{ at: now(), tokens: await readSpent(deps) }]
    spent = spent.filter(({ at }) => at > now() - dayMs)
    return analysisTokensPerDay - spent.reduce((sum, { tokens }) => sum + tokens, 0)
  }

  const giveWay = (id: string) => {
    const tries = (failed.get(id) ?? 0) + 1
    if (tries >= mostTries) failed.delete(id)
    else {
      failed.set(id, tries)
      waiting.push(id)
    }
  }

  return {
    add(ids) {
      if (writer === undefined || analysisTokensPerDay === 0) return
      waiting.push(...ids.slice(0, mostWaiting - waiting.length))
    },
    async next(signal) {
      const [id] = waiting
      if (writer === undefined || id === undefined) return false
      const budget = Math.min(mostTokensEach, await left())
      if (budget < fewestTokens) return false
      const content = await db
        .selectFrom('contents')
        .select(['title', 'body', 'language', 'contentHash', 'analysis', 'analysisVersion'])
        .where('id', '=', id)
        .executeTakeFirst()
      if (content !== undefined && content.analysis !== null && content.analysisVersion === analysisVersion) {
        const analysis = content.analysis as unknown as Analysis
        const opinion = await askSecondOpinion(writer, content, analysis, {
          mostTokens: budget,
          signal,
          onUsed: (tokens) => spent?.push({ at: now(), tokens }),
        }).catch((error: unknown) => {
          waiting.shift()
          giveWay(id)
          throw error
        })
        await store(deps, { id, contentHash: content.contentHash, opinion: JSON.stringify(opinion) })
      }
      waiting.shift()
      failed.delete(id)
      return waiting.length > 0
    },
  }
}

async function readSpent({ db }: OpinionDeps): Promise<number> {
  const { rows } = await rawRead(
    ['contents'],
    sql<{ tokens: number }>`
    select coalesce(sum((analysis -> 'secondOpinion' ->> 'tokens')::int), 0)::int as tokens
    from contents where analyzed_at > now() - interval '24 hours'`,
  ).execute(db)
  return rows[0]?.tokens ?? 0
}

/** A content that has changed meanwhile is analysed anew, and asked about then. */
async function store(
  deps: OpinionDeps,
  { id, contentHash, opinion }: { readonly id: string; readonly contentHash: string; readonly opinion: string },
): Promise<void> {
  await invalidating(deps, async (db) => {
    await rawWrite(
      ['contents'],
      sql`
      update contents set analysis = analysis || jsonb_build_object('secondOpinion', ${opinion}::jsonb)
      where id = ${id}::uuid and content_hash = ${contentHash} and analysis is not null
        and analysis_version = ${sql.lit(analysisVersion)}`,
    ).execute(db)
  })
}
