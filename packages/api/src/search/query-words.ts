import { type Database, rawRead } from '@extropy/db'
import { type Kysely, sql } from 'kysely'
import { stopWordsIn } from '../analysis/question-stop-words.ts'
import { plainOf, searchText, wordAt } from '../language/search-text.ts'
import { findNearTerms } from './near-terms.ts'
import { type QueryWord, wordWeight } from './query-word.ts'

/** How many passages there are, and of what length: what BM25 measures each one against. */
export interface Corpus {
  readonly searchConfigs: readonly string[]
  readonly passageCount: number
  /** Words an average title, and an average passage, has. */
  readonly averageTitleLength: number
  readonly averageBodyLength: number
}

export async function readCorpus(db: Kysely<Database>): Promise<Corpus> {
  const { rows } = await rawRead(['searchConfigs'], sql<Corpus>`select * from (${totals}) as corpus`).execute(db)
  return rows[0] as Corpus
}

export interface Question {
  readonly corpus: Corpus
  /** Those that passages have, or that stand in for one that none has. */
  readonly words: readonly QueryWord[]
  /** Those that no passage has, and that nothing stands in for. */
  readonly unknown: readonly QueryWord[]
}

/**
 * Words of one question that are asked for, those that weigh most: each costs a look into the postings of every candidate.
 * The longest of the judged questions, an abstract, has 175; without a bound, 900 words took a second and a half.
 */
const mostWords = 200

/** The weight of the question's very accents, beside 1 for the word without them: a passage that has them comes first. */
const accentShare = 0.5

/**
 * The collection, and a text's words, each read in every language of it: PostgreSQL numbers a text's words alike in all its
 * configurations, so a position tells which lexemes are one word. Stop words of a language have none in it. A word is asked
 * for without its accents, which every passage has too, and a little with them.
 */
export async function readQuestion(db: Kysely<Database>, text: string): Promise<Question> {
  const prepared = searchText(text)
  const plain = plainOf(prepared)
  const { rows } = await rawRead(
    ['searchConfigs', 'searchTerms'],
    sql<Corpus & (Occurrence | Record<keyof Occurrence, null>)>`
    select corpus.*, word.*
    from (${totals}) as corpus
    left join lateral (
      select occurrence.position, occurrence.accented,
             string_agg(distinct occurrence.lexeme, '/' order by occurrence.lexeme) as lexemes,
             coalesce(array_agg(term.id order by term.id) filter (where term.passage_count > 0), '{}') as term_ids,
             coalesce(sum(term.passage_count), 0)::int as found_in
      from (
        select config.name as search_config, word.lexeme, unnest(word.positions) as position, word.accented
        from unnest(corpus.search_configs) as config (name)
        cross join lateral (select extropy_words(config.name::regconfig, ${prepared}) as words offset 0) as read
        cross join lateral (${plain === prepared ? wordsOf : wordsAndAccentedOf(plain)}) as word
      ) as occurrence
      left join search_term_counts as term using (search_config, lexeme)
      group by occurrence.position, occurrence.accented
    ) as word on true
    order by word.position, word.accented`,
  ).execute(db)

  const corpus = rows[0] as Corpus
  const words = new Map<string, QueryWord>()
  for (const { lexemes, position, accented, termIds, foundIn } of rows) {
    if (lexemes === null) continue // The one row of a text without words.
    const count = (words.get(lexemes)?.count ?? 0) + 1
    const similarity = accented ? accentShare : 1
    const asked = wordAt(prepared, position)
    words.set(lexemes, { lexemes, asked, termIds, passageCount: foundIn, count, similarity })
  }
  const known = heaviest(
    [...words.values()].filter((word) => word.passageCount > 0),
    corpus,
  )
  // A collection of several languages knows `the` as a word, in German say: that no passage has it tells nothing.
  const stopWords = stopWordsIn(text)
  const notFound = [...words.values()].filter(
    ({ passageCount, similarity, asked = '' }) => passageCount === 0 && similarity === 1 && !stopWords.has(asked),
  )
  const near = await findNearTerms(db, notFound, corpus.searchConfigs)
  const corrected = new Set(near.map(({ insteadOf }) => insteadOf))
  const unknown = notFound.filter(({ lexemes }) => !corrected.has(lexemes) && !isOfKnownParts(lexemes, words))
  return { corpus, words: [...known, ...near], unknown }
}

/** `node-fetch` where there is `node` and `fetch`: nobody misses the whole. */
function isOfKnownParts(lexemes: string, words: ReadonlyMap<string, QueryWord>): boolean {
  const [first = ''] = lexemes.split('/')
  const parts = first.split(/[._-]/).filter((part) => part !== '')
  if (parts.length < 2) return false
  const known = new Set([...words.values()].flatMap((word) => (word.passageCount > 0 ? [word.asked] : [])))
  return parts.every((part) => known.has(part))
}

const wordsOf = sql`select lexeme, positions, false as accented from unnest(read.words)`

/** Those that are other words without their accents go apart. */
function wordsAndAccentedOf(plain: string) {
  return sql`
    select word.lexeme, word.positions, word.accented
    from (
      select ts_delete(read.words, tsvector_to_array(extropy_words(config.name::regconfig, ${plain}))) as words offset 0
    ) as accented
    cross join lateral (
      select *, true as accented from unnest(accented.words)
      union all
      select *, false from unnest(ts_delete(read.words, tsvector_to_array(accented.words)))
    ) as word`
}

function heaviest(words: readonly QueryWord[], corpus: Corpus): readonly QueryWord[] {
  if (words.length <= mostWords) return words
  return words.toSorted((a, b) => wordWeight(b, corpus) - wordWeight(a, corpus)).slice(0, mostWords)
}

interface Occurrence {
  readonly lexemes: string
  readonly position: number
  readonly accented: boolean
  readonly termIds: readonly number[]
  readonly foundIn: number
}

const totals = sql`
  select coalesce(array_agg(search_config order by search_config), '{}') as search_configs,
         coalesce(sum(passage_count), 0)::int as passage_count,
         coalesce(sum(title_length) / sum(passage_count), 0)::float8 as average_title_length,
         coalesce(sum(body_length) / sum(passage_count), 0)::float8 as average_body_length
  from search_config_counts where passage_count > 0`
