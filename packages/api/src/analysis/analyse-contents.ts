import { type Database, rawWrite } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import type { Deps } from '../context.ts'
import { isPassing } from '../errors.ts'
import { invalidating } from '../invalidating.ts'
import { type Analysis, analysisVersion, failedAnalysis } from './analyse-text.ts'
import { readPart } from './read-part.ts'
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
 * waiting for its analysis. One that cannot be analysed gets an analysis that says so: it holds up no other. Returns how many were stored.
 */
export async function analyseStored(
  deps: Pick<Deps, 'db' | 'cache'>,
  analyse: AnalyseTexts,
  ids: readonly string[],
  options: AnalyseOptions = {},
): Promise<number> {
  let stored = 0
  for (let start = 0; start < ids.length && !options.signal?.aborted; start += batchSize) {
    const contents = await readContents(deps.db, ids.slice(start, start + batchSize))
    stored += await storeTogether(deps, analyse, contents, options).catch((error: unknown) => {
      if (options.signal?.aborted || isPassing(error)) throw error
      return storeEach(deps, analyse, contents, options)
    })
  }
  return stored
}

interface Content extends GivenText {
  readonly id: string
  readonly contentHash: string
}

function readContents(db: Kysely<Database>, ids: readonly string[]): Promise<Content[]> {
  return db
    .selectFrom('contents')
    .select(['id', 'title', readPart, 'language', 'contentHash'])
    .where('id', 'in', ids)
    .execute()
}

async function storeTogether(
  deps: Pick<Deps, 'db' | 'cache'>,
  analyse: AnalyseTexts,
  contents: readonly Content[],
  options: AnalyseOptions,
): Promise<number> {
  return store(deps, contents, await analyse(contents, options))
}

async function storeEach(
  deps: Pick<Deps, 'db' | 'cache'>,
  analyse: AnalyseTexts,
  contents: readonly Content[],
  options: AnalyseOptions,
): Promise<number> {
  let stored = 0
  const failed: Content[] = []
  for (const content of contents) {
    try {
      stored += await storeTogether(deps, analyse, [content], options)
    } catch (error) {
      if (options.signal?.aborted || isPassing(error)) throw error
      failed.push(content)
    }
  }
  if (failed.length === 0) return stored
  // Where no text at all can be analysed, these are not to blame.
  await analyse([{ title: '', body: 'This is a sentence.' }], options)
  return stored + (await store(deps, failed, failed.map(failedAnalysis)))
}

async function store(
  deps: Pick<Deps, 'db' | 'cache'>,
  contents: readonly Content[],
  analyses: readonly Analysis[],
): Promise<number> {
  let stored = 0
  await invalidating(deps, async (db) => {
    const { numAffectedRows = 0n } = await rawWrite(
      ['contents'],
      sql`
      update contents set analysis = given.analysis, analyzed_at = now(), analysis_version = ${sql.lit(analysisVersion)}
      from unnest(${contents.map(({ id }) => id)}::uuid[], ${contents.map(({ contentHash }) => contentHash)}::text[],
                  ${analyses.map(toJson)}::jsonb[]) as given (id, content_hash, analysis)
      where contents.id = given.id and contents.content_hash = given.content_hash`,
    ).execute(db)
    stored = Number(numAffectedRows)
  })
  return stored
}

/** What was cut inside of a letter is no text for the database. */
function toJson(analysis: Analysis): string {
  return JSON.stringify(analysis, (_, value) => (typeof value === 'string' ? value.toWellFormed() : value))
}
