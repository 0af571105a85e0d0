import type { Database } from '@extropy/db'
import type { Kysely } from 'kysely'
import type { Sentence } from '../document/sentences.ts'
import { type Embedder, EmbedderError } from '../embedding/embedder.ts'
import type { QueryWord } from '../search/query-word.ts'
import type { Question } from '../search/query-words.ts'
import { coverage, type WeighedWord, weighWords } from '../search/relevance.ts'
import type { Understood } from '../search/search.schema.ts'
import type { SearchResult } from '../search/search.ts'
import { findWords } from './measure-sentences.ts'
import { countedIn, hasKind, kindOf, type QuestionKind } from './question-kind.ts'
import { readSources, type Source } from './read-sources.ts'
import { namesVersion, versionsIn } from './versions.ts'

export interface Candidate {
  readonly sentence: Sentence
  readonly source: Source
  readonly passage: SearchResult
  readonly features: Features
  readonly score: number
  /** 0 to 1, whatever the others have: how much of the question the sentence and what stands around it are about. */
  readonly support: number
  /** Words of the question that neither the sentence nor its passage has. */
  readonly missing: readonly WeighedWord[]
}

/** Signs that speak for a sentence, each from 0 to 1. */
interface Features {
  /** The share of the question's weight in the sentence; with its heading and title; with the sentence before; in its passage. */
  readonly own: number
  readonly titled: number
  readonly near: number
  readonly passage: number
  /** Nearness of meaning, alone or with the sentence before, whichever is nearer; undefined where the model has none. */
  readonly meaning: number | undefined
  readonly fused: number
  readonly kind: number
  /** 0 for a question: it seldom answers one. */
  readonly statement: number
  /** 1 where nothing of the question's names and numbers is missing; less with each that is. */
  readonly names: number
  /** 1 less the share of the heaviest word that is missing: `silver` of `silver membership`. */
  readonly telling: number
}

export interface Asked extends Question {
  readonly prompt: string
  readonly vector: Float32Array | undefined
  readonly understood?: readonly Understood[]
}

/** Sentences that are compared by meaning, the best by word: each costs the model some milliseconds, and more gave no better answers. */
const mostCompared = 16
const [shortest, longest] = [20, 600]
/** A sum is asked for of one thing, not of another: the least that `telling` has to be. */
const leastForMoney = 0.7
/** The share of `names` that is left for each that is missing: a number alone, such as a year, is often said otherwise; a version's is not. */
const [nameLeft, numberLeft] = [0.55, 0.8]

/** Fitted to the halves of SQuAD 2.0 and of the sample's questions that `pnpm bench answers` calls tuned on, and rounded: decision 53. */
const weights = {
  own: 0.06,
  titled: 0.1,
  near: 0.12,
  passage: 0.14,
  meaning: 0.25,
  fused: 0.2,
  kind: 0.12,
  statement: 0.05,
} as const satisfies Partial<Record<keyof Features, number>>

interface Ranked {
  readonly kind: QuestionKind
  readonly candidates: Candidate[]
  readonly sources: ReadonlyMap<string, Source>
  /** Versions of the question that no passage names, as the question has them. */
  readonly unnamed: readonly string[]
}

/** The share of meaning in what supports an answer: see decision 53. */
const meaningShare = 0.6

export async function rankSentences(
  { db, embedder }: { readonly db: Kysely<Database>; readonly embedder: Embedder },
  asked: Asked,
  passages: readonly SearchResult[],
): Promise<Ranked> {
  const kind = kindOf(asked.prompt)
  const sources = await readSources(db, passages)
  const { quoted, unnamed } = ofItsVersions(
    asked.prompt,
    passages.flatMap((passage) => sentencesOf(passage, sources.get(passage.content.id))),
  )
  const unique = withoutRepetitions(quoted)
  const contexts = [...new Set(unique.map(contextOf))]
  const said = [...unique.map(({ sentence }) => sentence.text), ...unique.map(({ before }) => before), ...contexts]
  const found = await findWords(db, said, asked.words, asked.corpus)
  const weighed = weighWords(asked).filter(({ word }) => !isCount(word, asked.prompt))
  const share = (...sets: (ReadonlySet<QueryWord> | undefined)[]) =>
    coverage(weighed, (word) => sets.some((set) => set?.has(word)))
  const wordsOf = (at: number) => found[at] ?? new Set()
  const whole = weighed.reduce((sum, { weight }) => sum + weight, 0)
  const words = asked.words.concat(asked.unknown)
  const counted =
    kind === 'number' && !/\bhow many (?:people|persons)\b/i.test(asked.prompt)
      ? words.filter((word) => word.asked === countedIn(asked.prompt))
      : []
  const measured = unique.map((each, at) => {
    const own = wordsOf(at)
    const context = wordsOf(2 * unique.length + contexts.indexOf(contextOf(each)))
    const { text } = each.sentence
    const around = wordsOf(unique.length + at)
    const ofPassage = new Set(asked.words.filter(({ lexemes }) => each.passage.why.matchedWords.includes(lexemes)))
    // A word that another one stands in for is not here.
    const isIn = (sets: readonly ReadonlySet<QueryWord>[], word: QueryWord) =>
      word.insteadOf === undefined && sets.some((set) => set.has(word))
    const missing = weighed.filter(({ word }) => !isIn([own, context, around, ofPassage], word))
    const telling = 1 - Math.max(0, ...missing.map(({ weight }) => weight)) / (whole || 1)
    const isOfOther =
      kind === 'money'
        ? telling < leastForMoney
        : counted.length > 0 && !counted.some((word) => isIn([own, context, around], word))
    const features: Features = {
      own: share(own),
      titled: share(own, context),
      near: share(own, context, around),
      passage: share(own, context, around, ofPassage),
      fused: each.passage.fusedScore,
      meaning: undefined,
      kind: isOfOther ? 0 : kindFit(kind, text, asked.prompt),
      statement: /\?(?=$|[\s;])/.test(text) ? 0 : 1,
      names: namesLeft(missing, asked.prompt),
      telling,
    }
    return { ...each, features, missing, score: scoreOf(features) }
  })
  const best = measured.toSorted((a, b) => b.score - a.score)
  const compared = best.slice(0, mostCompared)
  const meanings = await compareMeaning(
    embedder,
    asked.vector,
    compared.map(({ sentence, before }) => [sentence.text, `${before} ${sentence.text}`.trim()]),
  )
  const nearest = meanOfNearest(meanings)
  const candidates = compared.map((each, at) => {
    const features = { ...each.features, meaning: meanings[at] }
    return { ...each, features, score: scoreOf(features), support: supportOf(features, kind, nearest) }
  })
  return { kind, sources, unnamed, candidates: candidates.sort((a, b) => b.score - a.score) }
}

/**
 * How near the meaning is, the sentence's own and that of the three nearest ones, and how much of the question's words is there; by
 * words alone without a meaning. Missing names take from it.
 */
function supportOf(
  { meaning, passage, telling, names }: Features,
  kind: QuestionKind,
  nearest: number | undefined,
): number {
  const byWord = 0.7 * passage + 0.3 * telling
  const byMeaning = meaning === undefined || nearest === undefined ? byWord : (meaning + nearest) / 2
  // A thing that is to be explained has to be there as a whole: a `refund policy` is neither a refund nor a policy.
  const whole = kind === 'definition' || kind === 'instruction' ? telling : 1
  return (meaningShare * byMeaning + (1 - meaningShare) * byWord) * Math.sqrt(names) * whole
}

/** One sentence comes near by chance; where a question is answered, others are about it too. */
function meanOfNearest(meanings: readonly (number | undefined)[]): number | undefined {
  const nearest = meanings
    .filter((each) => each !== undefined)
    .sort((a, b) => b - a)
    .slice(0, 3)
  return nearest.length === 0 ? undefined : nearest.reduce((sum, each) => sum + each, 0) / 3
}

function scoreOf(features: Features): number {
  let score = 0
  for (const [name, weight] of Object.entries(weights)) score += weight * (features[name as keyof Features] ?? 0)
  return score
}

/** Written with a capital letter in the middle of the question, or a number; of a joined word its parts. */
function isName({ asked = '', similarity, insteadOf }: QueryWord, prompt: string): boolean {
  if (/[._-]/.test(asked) || (similarity < 1 && insteadOf === undefined)) return false
  if (/^\d+$/.test(asked)) return true
  const at = prompt.toLowerCase().indexOf(asked, 1)
  return at > 0 && /\p{Lu}/u.test(prompt.slice(at, at + asked.length)) && !/[.?!:]\s*$/.test(prompt.slice(0, at))
}

/** `3` of `what 3 things`: how many answers are wanted, and no word of one. */
function isCount({ asked = '' }: QueryWord, prompt: string): boolean {
  return /^\d{1,2}$/.test(asked) && new RegExp(`(?<![\\d.])\\b${asked} (?:\\p{Ll}+ )?\\p{Ll}+s\\b`, 'u').test(prompt)
}

function namesLeft(missing: readonly WeighedWord[], prompt: string): number {
  let left = 1
  for (const { word } of missing.filter((each) => isName(each.word, prompt))) {
    const isNumber = /^\d/.test(word.asked ?? '') && !new RegExp(`\\d\\.${word.asked}|${word.asked}\\.\\d`).test(prompt)
    left *= isNumber ? numberLeft : nameLeft
  }
  return left
}

function kindFit(kind: QuestionKind, text: string, question: string): number {
  const fits = hasKind(kind, text, question)
  if (fits === undefined) return 0.5
  // A reason or an explanation is often given without its words.
  if (kind === 'reason' || kind === 'instruction') return fits ? 0.8 : 0.4
  return fits ? 1 : 0
}

interface Quoted {
  readonly sentence: Sentence
  readonly before: string
  readonly source: Source
  readonly passage: SearchResult
}

/** The things that a reader knows before the sentence: who wrote it, and when, too. */
function contextOf({ sentence, passage: { content } }: Quoted): string {
  const date = content.publishedAt === null ? '' : writtenDate(content.publishedAt)
  return [content.title, sentence.heading, content.author, date].join('\n')
}

/** `15 May 2015`, in UTC. */
export function writtenDate(timestamp: string): string {
  return new Date(timestamp).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  })
}

/** The sentences that a passage has, or has a part of: whole, as the content has them. */
function sentencesOf(passage: SearchResult, source: Source | undefined): Quoted[] {
  if (source === undefined) return []
  const start = source.text.indexOf(passage.passage.text)
  if (start === -1) return [] // The content has changed since the search.
  const end = start + passage.passage.text.length
  return source.sentences.flatMap((sentence, at) => {
    const { text } = sentence
    const isIn = sentence.start < end && sentence.end > start && text.length >= shortest && text.length <= longest
    return isIn ? [{ sentence, before: source.sentences[at - 1]?.text ?? '', source, passage }] : []
  })
}

/** Sentences whose passage, heading or title names one of the versions that are asked for; none where one of them is named nowhere. */
function ofItsVersions(question: string, quoted: readonly Quoted[]): { quoted: readonly Quoted[]; unnamed: string[] } {
  const versions = versionsIn(question)
  if (versions.length === 0) return { quoted, unnamed: [] }
  const places = quoted.map(({ sentence, passage: { passage, content } }) =>
    [content.title, sentence.heading, passage.text, sentence.text].join('\n'),
  )
  const named = versions.map((version) => places.map((place) => namesVersion(place, version)))
  const unnamed = versions.filter((_, at) => !named[at]?.includes(true)).map(({ written }) => written)
  if (unnamed.length > 0) return { quoted: [], unnamed }
  return { quoted: quoted.filter((_, at) => named.some((places) => places[at])), unnamed }
}

/** Passages overlap, and posts repeat each other: the first one that says a thing is the one that is cited. */
function withoutRepetitions(quoted: readonly Quoted[]): Quoted[] {
  const said = new Map<string, Quoted>()
  for (const each of quoted) {
    const words = each.sentence.text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ')
    if (!said.has(words)) said.set(words, each)
  }
  return [...said.values()]
}

/** The cosine of each group's nearest text with the question; nothing where the model has no answer. */
async function compareMeaning(
  embedder: Embedder,
  question: Float32Array | undefined,
  groups: readonly (readonly string[])[],
): Promise<(number | undefined)[]> {
  if (question === undefined || groups.length === 0) return []
  try {
    const texts = [...new Set(groups.flat())]
    const vectors = await embedder.embed(texts)
    const cosines = new Map(texts.map((text, at) => [text, cosine(question, vectors[at])]))
    return groups.map((group) => Math.max(0, ...group.map((text) => cosines.get(text) ?? 0)))
  } catch (error) {
    if (error instanceof EmbedderError) return []
    throw error
  }
}

/** For vectors of unit length. */
function cosine(a: Float32Array, b: Float32Array | undefined): number {
  return a.reduce((sum, value, at) => sum + value * (b?.[at] ?? 0), 0)
}
