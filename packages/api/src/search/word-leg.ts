import { type Database, rawRead } from '@extropy/db'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import { type QueryWord, wordWeight } from './query-word.ts'
import type { Corpus } from './query-words.ts'
import { exactUpTo, type FewPassages } from './vector-leg.ts'

/** Robertson and Zaragoza, The Probabilistic Relevance Framework (2009), §3.5: k1 from 1.2 to 2; Lucene's default. */
const k1 = 1.2
/** How far a long passage is marked down, 0 to 1. Robertson and Zaragoza: 0.5 to 0.8; Lucene's default. */
const b = 0.75
/**
 * The weight of a word in the title, beside 1 in the text: fields are added up before they saturate (Robertson, Zaragoza
 * and Taylor, CIKM 2004). Chosen together with the vector leg's weight: see decision 41.
 */
const titleWeight = 1.5

/**
 * Postings that one search reads, give or take a word: the rarest words select the candidates until so many are read, the
 * common ones only re-score these.
 */
const postingBudget = 5_000
/** Under a filter more are read, as many as it may take to meet so many that it leaves; at most this. */
const filteredBudget = 100_000
/** Look-ups of common words in candidates, over all words: at least 100 candidates each. */
const rescoreBudget = 1_000

export interface WordHit {
  readonly chunkId: number
  readonly bm25: number
}

export interface WordLeg {
  readonly hits: readonly WordHit[]
  /** Words so common that not all of their passages were candidates; they count in the score all the same. */
  readonly onlyRescored: readonly string[]
}

interface WordLegOptions {
  readonly condition: RawBuilder<boolean> | undefined
  readonly limit: number
  /** Postings read of a word where no rarer one selects. Default 100,000. */
  readonly wordBudget?: number
}

/** To look a passage up in a word's postings costs as much as reading so many of them one after the other. */
const lookUpCost = 10

/**
 * The best passages by BM25 over PostgreSQL's lexemes, ties by passage id. Exact while the words' passages are within the
 * budget; beyond it, every score is exact still, but a passage that has none of the rarer words is not a candidate. Under a filter
 * never fewer than `limit` where so many have one of the words.
 */
export async function searchWords(
  db: Kysely<Database>,
  words: readonly QueryWord[],
  corpus: Corpus,
  few: FewPassages | undefined,
  options: WordLegOptions,
): Promise<WordLeg> {
  if (few !== undefined) {
    return { hits: await scorePassages(db, words, corpus, few.chunkIds, options.limit), onlyRescored: [] }
  }
  const { condition, limit, wordBudget = 100_000 } = options
  const budget = condition === undefined ? postingBudget : budgetUnderFilter(corpus, limit)
  const { selecting, common } = splitByBudget(words, budget)
  if (selecting.length === 0) return { hits: [], onlyRescored: [] }
  const firstRead = { selecting, common, most: wordBudget }
  const hits = await readHits(db, { ...firstRead, corpus, ...options })
  const isAllThereIs = hits.length < limit && common.length === 0 && !selecting.some(exceeds(wordBudget))
  if (hits.length >= limit || isAllThereIs) return complete(db, words, corpus, hits, firstRead)
  // Every common word has more passages than are asked for; which of them a filter leaves, nobody knows before.
  const most = condition === undefined ? Math.max(postingBudget, limit) : Number.POSITIVE_INFINITY
  const secondRead = { selecting: words, common: [], most }
  return complete(db, words, corpus, await readHits(db, { ...secondRead, corpus, ...options }), secondRead)
}

interface Reading {
  readonly selecting: readonly QueryWord[]
  readonly common: readonly QueryWord[]
  /** Postings read of a word that selects. */
  readonly most: number
}

const exceeds = (most: number) => (word: QueryWord) => word.passageCount > most

/** A word that was not read to its end is missing from some scores: those are looked up. */
async function complete(
  db: Kysely<Database>,
  words: readonly QueryWord[],
  corpus: Corpus,
  hits: readonly WordHit[],
  { selecting, common, most }: Reading,
): Promise<WordLeg> {
  const cut = selecting.filter(exceeds(most))
  const chunkIds = hits.map((hit) => hit.chunkId)
  return {
    hits: cut.length === 0 ? hits : await scorePassages(db, words, corpus, chunkIds),
    onlyRescored: [...common, ...cut].map((word) => word.lexemes),
  }
}

/** A filter that leaves more than few: one passage in `passageCount / exactUpTo` at the least. */
function budgetUnderFilter({ passageCount }: Corpus, limit: number): number {
  return Math.min(filteredBudget, Math.max(postingBudget, Math.ceil((limit * passageCount) / exactUpTo)))
}

/**
 * The BM25 of given passages, whatever leg found them, best first; those that have none of the words are not in the answer.
 * Rare words' postings are read through, the others looked up passage by passage.
 */
export async function scorePassages(
  db: Kysely<Database>,
  words: readonly QueryWord[],
  corpus: Corpus,
  chunkIds: readonly number[],
  limit = chunkIds.length,
): Promise<WordHit[]> {
  if (words.length === 0 || chunkIds.length === 0) return []
  const isRare = ({ passageCount }: QueryWord) => passageCount <= lookUpCost * chunkIds.length
  const { rare = [], common = [] } = Object.groupBy(words, (word) => (isRare(word) ? 'rare' : 'common'))
  const wanted = sql`unnest(${chunkIds}::int[]) as wanted (id)`
  const { rows } = await rawRead(
    ['searchPostings'],
    sql<WordHit>`
    select posting.chunk_id, sum(posting.weight * ${saturation(corpus)}) as bm25
    from (
      select posting.*, term.weight
      from ${terms(rare, corpus)}
      cross join lateral (select * from search_postings where term_id = term.id offset 0) as posting
      join ${wanted} on wanted.id = posting.chunk_id
      union all
      select posting.*, term.weight
      from ${terms(common, corpus)}
      cross join ${wanted}
      cross join lateral (
        select * from search_postings where term_id = term.id and chunk_id = wanted.id offset 0
      ) as posting
    ) as posting
    group by posting.chunk_id order by bm25 desc, chunk_id limit ${limit}`,
  ).execute(db)
  return rows
}

/** The BM25 of one passage, as a subquery; null where it has none of the words. */
export function bm25Of(
  chunkId: RawBuilder<unknown>,
  words: readonly QueryWord[],
  corpus: Corpus,
): RawBuilder<number | null> {
  return sql`(
    select sum(term.weight * ${saturation(corpus)})
    from ${terms(words, corpus)}
    cross join lateral (
      select * from search_postings where term_id = term.id and chunk_id = ${chunkId} offset 0
    ) as posting
  )`
}

function splitByBudget(words: readonly QueryWord[], budget: number) {
  const rarestFirst = words.toSorted((x, y) => x.passageCount - y.passageCount)
  let read = 0
  const firstCommon = rarestFirst.findIndex((word, index) => {
    read += word.passageCount
    return index > 0 && read > budget
  })
  const at = firstCommon === -1 ? rarestFirst.length : firstCommon
  return { selecting: rarestFirst.slice(0, at), common: rarestFirst.slice(at) }
}

interface ReadOptions extends WordLegOptions, Reading {
  readonly corpus: Corpus
}

async function readHits(db: Kysely<Database>, options: ReadOptions): Promise<WordHit[]> {
  const { selecting, common, corpus, condition, limit, most } = options
  const rescored = Math.max(limit, Math.floor(rescoreBudget / Math.max(1, common.length)))
  // A lateral join reads the index term by term, whatever the planner believes about the size of the list.
  const candidates = sql`
    select posting.chunk_id, sum(term.weight * ${saturation(corpus)}) as bm25
    from ${terms(selecting, corpus)}
    cross join lateral (select * from search_postings where term_id = term.id limit ${Number.isFinite(most) ? most : null}) as posting
    group by posting.chunk_id`
  const allowed =
    condition === undefined
      ? candidates
      : sql`select candidate.* from (${candidates}) as candidate
            join (select id from content_chunks where ${condition}) as allowed on allowed.id = candidate.chunk_id`
  const best = sql`${allowed} order by bm25 desc, chunk_id limit ${common.length > 0 ? rescored : limit}`
  const rescoredToo = sql<WordHit>`
        with best as materialized (${best})
        select chunk_id, bm25 + coalesce(${bm25Of(sql.ref('best.chunk_id'), common, corpus)}, 0) as bm25
        from best
        order by bm25 desc, chunk_id limit ${limit}`
  const query = common.length === 0 ? sql<WordHit>`${best}` : rescoredToo
  const { rows } = await rawRead(['searchPostings', 'contentChunks'], query).execute(db)
  return rows
}

function terms(words: readonly QueryWord[], corpus: Corpus): RawBuilder<unknown> {
  const rows = words.flatMap((word) => word.termIds.map((id) => ({ id, weight: wordWeight(word, corpus) })))
  return sql`unnest(${rows.map(({ id }) => id)}::int[], ${rows.map(({ weight }) => weight)}::float8[]) as term (id, weight)`
}

/** How much of a word's weight a passage earns: more each time it has it, but ever less so, up to k1 + 1. */
function saturation({ averageTitleLength, averageBodyLength }: Corpus): RawBuilder<number> {
  const weighed = (title: string, body: string) =>
    sql`(${sql.lit(titleWeight)}::float8 * ${sql.ref(`posting.${title}`)} + ${sql.ref(`posting.${body}`)})`
  const count = weighed('title_count', 'body_count')
  const averageLength = Math.max(1, titleWeight * averageTitleLength + averageBodyLength)
  return sql`(${count} * ${sql.lit(k1 + 1)}::float8 / (${count} + ${sql.lit(k1)}::float8
    * (${sql.lit(1 - b)}::float8 + ${sql.lit(b)}::float8 * ${weighed('title_length', 'body_length')} / ${averageLength}::float8)))`
}
