import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { analyseStored } from '../analysis/analyse-contents.ts'
import type { Deps } from '../context.ts'
import { EmbedderError } from '../embedding/embedder.ts'
import { invalidating } from '../invalidating.ts'
import { analyseTexts } from './analyst.ts'
import type { KeyedContent, PatternTask } from './analyst-tasks.ts'
import { type ContentRow, readAuthorContents, readContents, readTexts, toKeyed } from './author-contents.ts'
import type { OpenPair } from './elaborations.ts'
import type { FoundPattern } from './pattern.ts'
import { readFormerThemes, storePatterns, withPassages } from './stored-patterns.ts'
import { dot } from './vector-math.ts'

export type PatternDeps = Pick<Deps, 'db' | 'cache' | 'analyst' | 'embedder' | 'embeddingModel'>

export interface PatternOptions {
  readonly signal?: AbortSignal | undefined
  readonly background?: boolean
}

/** Analyses these contents, in threads of the analyst, and stores what was found. Returns how many were stored. */
export function analyseContents(
  deps: Pick<PatternDeps, 'db' | 'cache' | 'analyst'>,
  ids: readonly string[],
  options: PatternOptions = {},
): Promise<number> {
  return analyseStored(deps, (texts, rest) => analyseTexts(deps.analyst, texts, rest), ids, options)
}

/**
 * Finds an author's patterns anew and stores them in the place of those that were there. Contents without an analysis get one first. The
 * same contents give the same patterns under the same ids; themes go on from those that were stored.
 */
export async function findPatterns(
  deps: PatternDeps,
  authorId: string,
  options: PatternOptions = {},
): Promise<FoundPattern[]> {
  const { db, embeddingModel } = deps
  let contents = await readAuthorContents(db, embeddingModel.id, authorId)
  const waiting = contents.filter(({ analysis }) => analysis === null).map(({ id }) => id)
  if (waiting.length > 0) {
    await analyseContents(deps, waiting, options)
    contents = await readAuthorContents(db, embeddingModel.id, authorId)
  }
  const formerThemes = await readFormerThemes(db, authorId)
  const found = await computePatterns(deps, { owner: authorId, contents: contents.map(toKeyed), formerThemes }, options)
  const patterns = await withPassages(db, found)
  await invalidating(deps, (writer) => storePatterns(writer, authorId, patterns))
  return patterns
}

/** Patterns among any contents, of one author or of several; nothing is stored. */
export async function findPatternsAmong(
  deps: PatternDeps,
  ids: readonly string[],
  options: PatternOptions = {},
): Promise<FoundPattern[]> {
  const { db, embeddingModel, analyst } = deps
  const rows = await readContents(db, embeddingModel.id, ids)
  const waiting = rows.filter(({ analysis }) => analysis === null).map(({ id }) => id)
  const texts = [...(await readTexts(db, embeddingModel.id, waiting)).values()]
  const analyses = await analyseTexts(analyst, texts, options)
  const made = new Map(texts.map(({ id }, at) => [id, analyses[at]]))
  const contents = rows
    .map((row): ContentRow => ({ ...row, analysis: row.analysis ?? made.get(row.id) ?? null }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
  const owner = contents.map(({ id }) => id).join()
  return withPassages(
    db,
    await computePatterns(deps, { owner, contents: contents.map(toKeyed), formerThemes: new Map() }, options),
  )
}

async function computePatterns(deps: PatternDeps, task: PatternTask, options: PatternOptions): Promise<FoundPattern[]> {
  const first = await run(deps, { kind: 'patterns', ...task }, options)
  const pairs = first.open.slice(0, mostPairs)
  if (pairs.length === 0) return [...first.patterns]
  const cosines = await compareSentences(deps, pairs, options)
  if (cosines === undefined) return [...first.patterns]
  const second = await run(deps, { kind: 'relations', ...task, pairs, cosines }, options)
  const isRelation = ({ type }: FoundPattern) => type === 'elaboration' || type === 'reprint'
  return [...second.patterns, ...first.patterns.filter((pattern) => !isRelation(pattern))]
}

/** The analyst's thread is told the texts that it does not know yet. */
async function run(
  { db, analyst, embeddingModel }: PatternDeps,
  task: Extract<Parameters<PatternDeps['analyst']['run']>[0], { readonly kind: 'patterns' | 'relations' }>,
  options: PatternOptions,
) {
  let contents: readonly KeyedContent[] = task.contents
  // Twice where it forgot one in between; a content that has gone meanwhile is left out.
  for (let tries = 0; tries < 4; tries++) {
    const outcome = await analyst.run({ ...task, contents }, options)
    if (outcome.kind === 'patterns') return outcome
    if (outcome.kind !== 'missing') break
    const texts = await readTexts(db, embeddingModel.id, outcome.ids)
    const missing = new Set(outcome.ids)
    contents = contents.flatMap((each) => {
      const content = texts.get(each.id)
      if (!missing.has(each.id)) return [each]
      return content === undefined ? [] : [{ ...each, content }]
    })
  }
  return { patterns: [] as readonly FoundPattern[], open: [] as readonly OpenPair[] }
}

/** Some seconds of the embedder; those of the shortest contents come first. */
const mostPairs = 300
/** Sentences' vectors, 1.5 KB each: an author's next content asks for the same ones. */
const sentenceVectors = new LRUCache<string, Float32Array>({ max: 5000 })

/** Undefined where the embedder fails: words alone decide then. */
async function compareSentences(
  { embedder }: PatternDeps,
  pairs: readonly OpenPair[],
  options: PatternOptions,
): Promise<number[] | undefined> {
  const keyOf = (text: string) => createHash('sha256').update(`${embedder.model}\n${text}`).digest('base64')
  const texts = [...new Set(pairs.flatMap(({ older, newer }) => [older, newer]))]
  const unknown = texts.filter((text) => !sentenceVectors.has(keyOf(text)))
  try {
    const vectors = await embedder.embed(unknown, options)
    for (const [at, text] of unknown.entries()) {
      const vector = vectors[at]
      if (vector !== undefined) sentenceVectors.set(keyOf(text), vector)
    }
  } catch (error) {
    if (options.signal?.aborted || !(error instanceof EmbedderError)) throw error
    return undefined
  }
  return pairs.map(({ older, newer }) => {
    const [one, other] = [sentenceVectors.get(keyOf(older)), sentenceVectors.get(keyOf(newer))]
    return one === undefined || other === undefined ? 0 : dot(one, other)
  })
}
