import { setTimeout } from 'node:timers/promises'
import { rawRead } from '@extropy/db'
import { sql } from 'kysely'
import { analysisVersion } from '../analysis/analyse-text.ts'
import { analyseContents, findPatterns, type PatternDeps } from './find-patterns.ts'
import { patternsVersion } from './pattern.ts'

/** How soon a content that another program has stored is noticed. */
const lookAgainMs = 3000
/** After a failure; twice as long after each further one, up to a minute. */
const [firstRetryMs, lastRetryMs] = [1000, 60_000]
/** Of one look: then their authors' patterns follow, and others have their turn. */
const batchSize = 64

/**
 * Analyses contents in the background, the newest first, for as long as the process runs, and then finds their authors' patterns. A content
 * waits for its vectors, which themes are made of; one that was analysed under another version is analysed anew. Two servers at once
 * do some work twice, and store the same.
 */
export function followContents(
  deps: PatternDeps,
  { onError = () => {} }: { readonly onError?: (error: unknown) => void } = {},
): { close(): Promise<void> } {
  const stop = new AbortController()
  const { signal } = stop
  const run = async () => {
    let [retryMs, told] = [firstRetryMs, '']
    const authors = new Set<string>()
    let isFirst = true
    while (!signal.aborted) {
      let waitMs = lookAgainMs
      try {
        const more = await analyseWaiting(deps, authors, signal)
        if (isFirst) for (const id of await readBehind(deps)) authors.add(id)
        isFirst = false
        // All of an author's contents first: an import would find the same patterns again and again.
        if (!more) await findAll(deps, authors, signal)
        else waitMs = 0
        retryMs = firstRetryMs
        told = ''
      } catch (error) {
        const { message } = error as Error
        if (message !== told && !signal.aborted) onError(error)
        told = message
        waitMs = retryMs
        retryMs = Math.min(lastRetryMs, 2 * retryMs)
      }
      await setTimeout(waitMs, undefined, { signal, ref: false }).catch(() => {})
    }
  }
  const done = run()
  return {
    async close() {
      stop.abort()
      await done
    },
  }
}

/** One batch; adds its authors. Whether there was one. */
async function analyseWaiting(deps: PatternDeps, authors: Set<string>, signal: AbortSignal): Promise<boolean> {
  const { rows } = await rawRead(
    ['contents', 'contentAuthors'],
    sql<{ id: string; authorIds: string[] }>`
    select id, array(select author_id from content_authors where content_id = contents.id) as author_ids
    from contents
    where analysis_version < ${sql.lit(analysisVersion)} and embedding_model_id = ${sql.lit(deps.embeddingModel.id)}
    order by analysis_version, scraped_at desc limit ${batchSize}`,
  ).execute(deps.db)
  if (rows.length === 0) return false
  const ids = rows.map(({ id }) => id)
  await analyseContents(deps, ids, { signal, background: true })
  for (const { authorIds } of rows) for (const id of authorIds) authors.add(id)
  return true
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

async function findAll(deps: PatternDeps, authors: Set<string>, signal: AbortSignal): Promise<void> {
  for (const id of authors) {
    if (signal.aborted) return
    await findPatterns(deps, id, { signal, background: true })
    authors.delete(id)
  }
}
