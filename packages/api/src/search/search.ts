import { type Database, exactVectorsUpTo, rawRead } from '@extropy/db'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { z } from 'zod'
import { measureCandidates } from './candidates.ts'
import { createFolder } from './fold.ts'
import { type FusedPassage, fuse } from './fuse.ts'
import type { QueryWord } from './query-word.ts'
import type { Question } from './query-words.ts'
import { coverage, shareOf, type WeighedWord, weighWords } from './relevance.ts'
import type { RagResult } from './search.schema.ts'
import { exactUpTo, findFew, type QueryVector, searchVectors, type VectorLeg } from './vector-leg.ts'
import { searchWords, type WordLeg } from './word-leg.ts'

export type SearchResult = z.input<typeof RagResult>

export interface SearchInput extends Question {
  readonly embedded: QueryVector | undefined
  /** The vector leg's share of the score, 0 to 1. */
  readonly vectorWeight: number
  /** From `passageCondition`: the same for both legs. */
  readonly condition: RawBuilder<boolean> | undefined
  /** The condition keeps next to nothing out: in a large collection nobody need look whether it leaves few. Default false. */
  readonly leavesMost?: boolean
  readonly nResults: number
  /** `content`: the best passage of each content, the others named beside it. */
  readonly groupBy: 'passage' | 'content'
}

export interface SearchOutcome {
  readonly results: SearchResult[]
  /** There is no more: every passage that either leg can find is in, or stands beside, a result. */
  readonly exhausted: boolean
  readonly vectorMethod: VectorLeg['method']
  readonly onlyRescored: WordLeg['onlyRescored']
}

/**
 * The number of results that each leg brings: twice what is asked for, and at least 100, as Bruch, Gai and Ingber do not see more help below. In
 * hundreds, since a walk that knows its limit is planned once.
 */
const candidatesOf = (nResults: number) => 100 * Math.ceil(nResults / 50)
/** `hnsw.ef_search` at which recall@10 is 0.98 or more on 100,000 passages: see decision 42 and `pnpm bench recall`. */
export const efSearch = 120

/** Passages that a result names beside its own, at most: the best of them. */
const mostNamed = 20

/** Both legs, side by side; fused, folded and grouped. */
export async function search(db: Kysely<Database>, input: SearchInput): Promise<SearchOutcome> {
  const { words, corpus, embedded, condition } = input
  const leavesMany = input.leavesMost === true && corpus.passageCount > 2 * exactUpTo
  const few = leavesMany ? undefined : await findFew(db, embedded, condition)
  const exactly = corpus.passageCount <= exactVectorsUpTo
  for (let limit = candidatesOf(input.nResults); ; limit *= 4) {
    const [vectorLeg, wordLeg] = await Promise.all([
      searchVectors(db, embedded, few, { condition, limit, efSearch, exactly }),
      searchWords(db, words, corpus, few, { condition, limit }),
    ])
    const fused = fuse(await bringTogether(db, input, vectorLeg, wordLeg), input.vectorWeight)
    const results = await collectResults(db, input, fused)
    const noMore = vectorLeg.hits.length < limit && wordLeg.hits.length < limit
    if (results.length >= input.nResults || noMore) {
      return {
        results,
        exhausted: results.length < input.nResults,
        vectorMethod: vectorLeg.method,
        onlyRescored: wordLeg.onlyRescored,
      }
    }
  }
}

/** The results of each leg, and its scores for those of the other one. */
async function bringTogether(
  db: Kysely<Database>,
  input: SearchInput,
  { hits: vector }: VectorLeg,
  { hits: word }: WordLeg,
) {
  const byWord = new Set(word.map((hit) => hit.chunkId))
  const others = vector.map((hit) => hit.chunkId).filter((id) => !byWord.has(id))
  return { vector, word, measured: await measureCandidates(db, input, { byWord: [...byWord], others }) }
}

/** Down the fused list, a page at a time, until there are enough: repetitions and, by content, later passages step aside. */
async function collectResults(
  db: Kysely<Database>,
  input: SearchInput,
  fused: readonly FusedPassage[],
): Promise<SearchResult[]> {
  const { words, nResults, groupBy } = input
  const asked = { weighed: weighWords(input), words, vectorWeight: input.vectorWeight }
  const folder = createFolder()
  const kept: SearchResult[] = []
  const byContent = new Map<string, SearchResult>()
  const pageSize = Math.max(20, Math.ceil(1.5 * nResults))
  for (let start = 0; start < fused.length && kept.length < nResults; start += pageSize) {
    const page = fused.slice(start, start + pageSize)
    const rows = await readPassages(db, words, page)
    for (const passage of page) {
      const row = rows.get(passage.chunkId)
      if (row === undefined) continue // Deleted since the legs ran.
      if (standsOnSlips(row, asked)) continue
      const ofContent = groupBy === 'content' ? byContent.get(row.contentId) : undefined
      if (ofContent !== undefined) {
        if (ofContent.otherPassages.length < mostNamed) {
          ofContent.otherPassages.push({ id: idOf(row), fusedScore: passage.fusedScore })
        }
        continue
      }
      const original = folder.findOrKeep(row.text)
      if (original !== undefined) {
        const { alsoIn } = kept[original] as SearchResult
        if (alsoIn.length < mostNamed) {
          alsoIn.push({ passageId: idOf(row), contentId: row.contentId, title: row.title })
        }
        continue
      }
      if (kept.length === nResults) return kept
      const result = toResult(row, passage, kept.length + 1, asked)
      kept.push(result)
      byContent.set(row.contentId, result)
    }
  }
  return kept
}

type PassageRow = {
  chunkId: number
  contentId: string
  ordinal: number
  text: string
  termIds: number[]
} & Omit<SearchResult['content'], 'id'>

async function readPassages(
  db: Kysely<Database>,
  words: readonly QueryWord[],
  passages: readonly FusedPassage[],
): Promise<Map<number, PassageRow>> {
  const termIds = words.flatMap((word) => word.termIds)
  const { rows } = await rawRead(
    ['contentChunks', 'contents', 'searchPostings'],
    sql<PassageRow>`
    select chunk.id as chunk_id, chunk.content_id, chunk.ordinal, chunk.text,
           contents.platform, contents.source_url, contents.author, contents.title, contents.published_at,
           array(
             select term_id from unnest(${termIds}::int[]) as term (id)
             join search_postings on term_id = term.id and chunk_id = chunk.id
           ) as term_ids
    from content_chunks as chunk join contents on contents.id = chunk.content_id
    where chunk.id = any(${passages.map((passage) => passage.chunkId)}::int[])`,
  ).execute(db)
  return new Map(rows.map((row) => [row.chunkId, row]))
}

function idOf({ contentId, ordinal }: PassageRow): string {
  return `${contentId}:${ordinal}`
}

interface Asked {
  readonly weighed: readonly WeighedWord[]
  readonly words: readonly QueryWord[]
  readonly vectorWeight: number
}

const hasWord =
  ({ termIds }: PassageRow) =>
  (word: QueryWord) =>
    word.termIds.some((id) => termIds.includes(id))

/** All that the passage has of the question is words that stand in for others, and these are the smaller part of it. */
function standsOnSlips(row: PassageRow, { weighed, words }: Asked): boolean {
  const matched = words.filter(hasWord(row))
  return (
    matched.length > 0 &&
    matched.every(({ insteadOf }) => insteadOf !== undefined) &&
    shareOf(weighed, (word) => matched.some(({ lexemes }) => lexemes === word.lexemes)) < 0.5
  )
}

/** 0 to 1, whatever else was found: the share of the question's weight that the passage or its title has, and how near it is. */
function relevanceOf(row: PassageRow, cosineDistance: number | undefined, { weighed, vectorWeight }: Asked): number {
  const covered = coverage(weighed, hasWord(row))
  if (cosineDistance === undefined) return covered
  return (1 - vectorWeight) * covered + vectorWeight * Math.max(0, 1 - cosineDistance)
}

function toResult(row: PassageRow, passage: FusedPassage, rank: number, asked: Asked): SearchResult {
  const { chunkId: _, contentId, ordinal, text, termIds: __, ...content } = row
  const { bm25, wordRank, cosineDistance, vectorRank, wordShare, vectorShare, fusedScore } = passage
  return {
    rank,
    passage: { id: idOf(row), ordinal, text },
    content: { id: contentId, ...content },
    vector: vectorRank === undefined || cosineDistance === undefined ? null : { rank: vectorRank, cosineDistance },
    word: wordRank === undefined || bm25 === undefined ? null : { rank: wordRank, textRank: bm25 },
    fusedScore,
    relevance: relevanceOf(row, cosineDistance, asked),
    why: {
      wordShare,
      vectorShare,
      matchedWords: asked.words.filter(hasWord(row)).map((word) => word.lexemes),
    },
    alsoIn: [],
    otherPassages: [],
  }
}
