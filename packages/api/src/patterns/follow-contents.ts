import { setTimeout } from 'node:timers/promises'
import { rawRead } from '@extropy/db'
import { sql } from 'kysely'
import { analysisVersion } from '../analysis/analyse-text.ts'
import { createSecondOpinions } from '../analysis/second-opinions.ts'
import type { Deps } from '../context.ts'
import { isPassing } from '../errors.ts'
import { createLead, type Lead } from '../lanes/lead.ts'
import { analyseContents, findPatterns, type PatternDeps } from './find-patterns.ts'
import { patternsVersion } from './pattern.ts'

/** How soon a content that another program has stored is noticed. */
const lookAgainMs = 3000
/** After a failure; twice as long after each further one, up to a minute. */
const [firstRetryMs, lastRetryMs] = [1000, 60_000]
/** Of one look: then their authors' patterns follow, and others have their turn. */
const batchSize = 64
/** A batch, or an author's patterns, take a second or a few. */
const leaseMs = 15_000

/**
 * Analyses contents in the background, the newest first, for as long as the process runs, and then finds their authors' patterns. A content
 * waits for its vectors, which themes are made of; one that was analysed under another version is analysed anew. Of several
 * servers one does it, as long as something waits.
 */
export function followContents(
  deps: PatternDeps & Pick<Deps, 'writer' | 'analysisTokensPerDay'>,
  { onError = () => {} }: { readonly onError?: (error: unknown) => void } = {},
): { close(): Promise<void> } {
  const stop = new AbortController()
  const { signal } = stop
  const opinions = createSecondOpinions(deps)
  const lead = createLead(deps.db, 'analysis', leaseMs)
  const authors = new Set<string>()
  /** Whether there may be authors whose contents another process, or an earlier one, has analysed. */
  let isBehind = true
  /** Whether there was something to analyse. */
  const work = async (): Promise<boolean> => {
    const seen = await readWaiting(deps)
    if (seen.length === 0 && authors.size === 0 && !isBehind) return false
    const turn = await lead.take()
    if (turn === undefined) {
      authors.clear()
      isBehind = true
      return false
    }
    if (isBehind) for (const id of await readBehind(deps)) authors.add(id)
    isBehind = false
    const waiting = turn === 'new' ? await readWaiting(deps) : seen
    if (waiting.length > 0) {
      const ids = waiting.map(({ id }) => id)
      await analyseContents(deps, ids, { signal, background: true })
      for (const { authorIds } of waiting) for (const id of authorIds) authors.add(id)
      opinions.add(ids)
      return true
    }
    // All of an author's contents first: an import would find the same patterns again and again.
    await findAll(deps, authors, { lead, signal, onError })
    await lead.leave()
    return false
  }
  const run = async () => {
    let [retryMs, told] = [firstRetryMs, '']
    while (!signal.aborted) {
      let waitMs = lookAgainMs
      try {
        if (await work()) waitMs = 0
        retryMs = firstRetryMs
        told = ''
      } catch (error) {
        const { message } = error as Error
        if (message !== told && !signal.aborted) onError(error)
        told = message
        waitMs = retryMs
        retryMs = Math.min(lastRetryMs, 2 * retryMs)
        // Another one may be luckier.
        await lead.leave().catch(() => {})
      }
      await setTimeout(waitMs, undefined, { signal, ref: false }).catch(() => {})
    }
  }
  // By itself: a model that is slow, or does not answer, holds up no analysis.
  const opine = async () => {
    while (!signal.aborted) {
      let waitMs = lookAgainMs
      try {
        if (await opinions.next(signal)) waitMs = 0
      } catch (error) {
        if (!signal.aborted) onError(error)
        waitMs = lastRetryMs
      }
      await setTimeout(waitMs, undefined, { signal, ref: false }).catch(() => {})
    }
  }
  const done = Promise.all([run(), opine()])
  return {
    async close() {
      stop.abort()
      await done
      // A database that is away takes it back by itself.
      await Promise.all([lead.leave(), opinions.close()]).catch(() => {})
    },
  }
}

/** One batch, the newest first. Empty where none waits. */
async function readWaiting(deps: PatternDeps): Promise<{ id: string; authorIds: string[] }[]> {
  const { rows } = await rawRead(
    ['contents', 'contentAuthors'],
    sql<{ id: string; authorIds: string[] }>`
    select id, array(select author_id from content_authors where content_id = contents.id) as author_ids
    from contents
    where analysis_version < ${sql.lit(analysisVersion)} and embedding_model_id = ${sql.lit(deps.embeddingModel.id)}
    order by analysis_version, scraped_at desc limit ${batchSize}`,
  ).execute(deps.db)
  return rows
}

/** Authors whose contents were analysed after their patterns were found, by a process that was stopped in between; or by another version. */
async function readBehind({ db }: PatternDeps): Promise<string[]> {
  const { rows } = await rawRead(
    ['contents', 'contentAuthors', 'authors'],
    sql<{ id: string }>`
    select id from authors
    where exists (
      select from content_authors join contents on contents.id = content_id
      where author_id = authors.id and analyzed_at is not null
        and (patterns_version <> ${sql.lit(patternsVersion)} or analyzed_at > coalesce(patterns_found_at, '-infinity')))
    order by id`,
  ).execute(db)
  return rows.map(({ id }) => id)
}

async function findAll(
  deps: PatternDeps,
  authors: Set<string>,
  { lead, signal, onError }: { lead: Lead; signal: AbortSignal; onError: (error: unknown) => void },
): Promise<void> {
  for (const id of authors) {
    if (signal.aborted || (await lead.take()) === undefined) return
    try {
      await findPatterns(deps, id, { signal, background: true })
    } catch (error) {
      if (signal.aborted || isPassing(error)) throw error
      // One that fails holds up no other: it has its turn again with its next content, or when the process starts anew.
      onError(error)
    }
    authors.delete(id)
  }
}
