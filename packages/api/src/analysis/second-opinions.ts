import { rawRead, rawWrite } from '@extropy/db'
import { sql } from 'kysely'
import type { Deps } from '../context.ts'
import { invalidating } from '../invalidating.ts'
import { createLead } from '../lanes/lead.ts'
import type { AnswerWriter } from '../language-model/writer.ts'
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
/** Longer than a call with its retries commonly takes. */
const leaseMs = 150_000

type OpinionDeps = Pick<Deps, 'db' | 'cache' | 'writer' | 'analysisTokensPerDay'>

export interface SecondOpinions {
  /** Contents that were just analysed. */
  add(ids: readonly string[]): void
  /** Asks for one content's opinion and stores it beside its analysis. Whether there may be more to do now. @throws WriterError */
  next(signal: AbortSignal): Promise<boolean>
  /** Other processes may ask from then on. */
  close(): Promise<void>
}

/**
 * A language model's opinion of contents in the order in which they were analysed, one call each, by one process of the database at a time. No
 * more than so many tokens within any 24 hours: those of stored opinions, and of calls that failed in this process. A content whose
 * call fails is asked about again behind all others, and after three tries no more. Without a model, or a budget of 0, nothing is asked.
 */
export function createSecondOpinions(deps: OpinionDeps, now: () => number = Date.now): SecondOpinions {
  const { db, writer, analysisTokensPerDay = 0 } = deps
  const waiting: string[] = []
  const failed = new Map<string, number>()
  const lead = createLead(db, 'second-opinions', leaseMs)
  /** Since this process has the lead; those of failed calls, longer. */
  let spent: readonly Spent[] = []
  let lost: readonly Spent[] = []

  const left = () => {
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

  const askAboutFirst = async (writer: AnswerWriter, mostTokens: number, signal: AbortSignal) => {
    const id = waiting[0] as string
    const content = await db
      .selectFrom('contents')
      .select(['title', 'body', 'language', 'contentHash', 'analysis', 'analysisVersion'])
      .where('id', '=', id)
      .executeTakeFirst()
    if (content !== undefined && content.analysis !== null && content.analysisVersion === analysisVersion) {
      const analysis = content.analysis as unknown as Analysis
      let used: readonly Spent[] = []
      const onUsed = (tokens: number) => {
        used = [...used, { at: now(), tokens }]
      }
      const opinion = await askSecondOpinion(writer, content, analysis, { mostTokens, signal, onUsed })
        .catch((error: unknown) => {
          lost = [...lost.filter(({ at }) => at > now() - dayMs), ...used]
          waiting.shift()
          giveWay(id)
          throw error
        })
        .finally(() => {
          spent = [...spent, ...used]
        })
      await store(deps, { id, contentHash: content.contentHash, opinion: JSON.stringify(opinion) })
    }
    waiting.shift()
    failed.delete(id)
  }

  return {
    add(ids) {
      if (writer === undefined || analysisTokensPerDay === 0) return
      waiting.push(...ids.slice(0, mostWaiting - waiting.length))
    },
    async next(signal) {
      if (writer === undefined || waiting.length === 0 || left() < fewestTokens) return false
      const turn = await lead.take()
      if (turn === undefined) return false
      try {
        if (turn === 'new') spent = [{ at: now(), tokens: await readSpent(deps) }, ...lost]
        if (left() < fewestTokens) return false
        await askAboutFirst(writer, Math.min(mostTokensEach, left()), signal)
        return waiting.length > 0
      } finally {
        if (waiting.length === 0) await lead.leave()
      }
    },
    close: () => lead.leave(),
  }
}

interface Spent {
  readonly at: number
  readonly tokens: number
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
