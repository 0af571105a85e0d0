import type { Database } from '@extropy/db'
import type { Kysely } from 'kysely'
import { fieldSource } from '../receipts/receipts.ts'
import type { QueryWord } from '../search/query-word.ts'
import { coverage, weighWords } from '../search/relevance.ts'
import type { SearchResult } from '../search/search.ts'
import type { Extracted } from './extracted.ts'
import { findWords } from './measure-sentences.ts'
import { isPast, type QuestionKind } from './question-kind.ts'
import { type Asked, type Candidate, writtenDate } from './rank-sentences.ts'
import type { Source } from './read-sources.ts'
import { namesVersion, versionsIn } from './versions.ts'

/** Verbs that ask for a post's date, and those that ask for its author. */
const published =
  /\b(?:c[ao]me out|released?|announced?|announcement|published?|posted|launch(?:ed)?|unveiled|introduced|arrive)\b/i
const written = /\b(?:wrote|written|authored?|writer|published|posted|blogged)\b/i
/** Words that say in a title, or in a question, that something is made known. */
const announcing =
  /^(?:announc\w*|introduc\w*|releas\w*|launch\w*|publish\w*|post\w*|wrote|written|author\w*|out|stable|the|an?|of|is|now|available)$/i
/** A post with one of these in its title is about what comes before the thing, or after it: its own date is not the thing's. */
const besideIt =
  /^(?:plan(?:s|ned|ning)?|prepar\w*|towards?|road\w*|upcoming|proposal|proposed|call|survey|scheduling|delay\w*|retrospective|recap|report|summary|update|updates|alpha|beta|rc|preview|next|fund)$/i
/** The share of the question's weight that a title must have to be the post that is asked about. */
const sameThing = 0.9
/** The support that a sentence must have for its content's date to answer, and how much more than sentences with a date have. */
const [leastForDate, muchNearer] = [0.55, 0.05]

/** `“Announcing Rust 1.0” was published on 15 May 2015.`: what no sentence of a post says of itself. At most one. */
export async function sayFields(
  db: Kysely<Database>,
  asked: Asked,
  kind: QuestionKind,
  passages: readonly SearchResult[],
  sources: ReadonlyMap<string, Source>,
): Promise<Extracted[]> {
  const part =
    kind === 'date' && published.test(asked.prompt)
      ? 'publishedAt'
      : kind === 'person' && written.test(asked.prompt)
        ? 'author'
        : undefined
  if (part === undefined) return []
  const posts = [...new Map(passages.map((passage) => [passage.content.id, passage])).values()]
  const found = await findWords(
    db,
    posts.map(({ content }) => content.title),
    asked.words,
    asked.corpus,
  )
  const weighed = weighWords(asked).filter(({ word }) => !announcing.test(word.asked ?? ''))
  const versions = versionsIn(asked.prompt)
  const isOfVersion = ({ asked = '' }: QueryWord) => versions.some(({ number }) => asked.replace(/^v/, '') === number)
  const named = posts
    .map((passage, at) => ({
      passage,
      covered: coverage(weighed, (word) => found[at]?.has(word) || isOfVersion(word)),
      isWhole: versions.every(({ number }) => hasWhole(passage.content.title, number)),
      rest: restOf(passage, asked),
    }))
    .filter(({ covered, passage: { content } }) => {
      return covered >= sameThing && versions.every((version) => namesVersion(content.title, version))
    })
    .filter(({ passage: { content } }) => part === 'author' || isTheNews(content.title, asked.prompt))
    // The post about Rust 1.0 itself, before that about 1.0.1.
    .sort((a, b) => Number(b.isWhole) - Number(a.isWhole) || a.rest - b.rest)
  const [best] = named
  const source = best && sources.get(best.passage.content.id)
  if (best === undefined || source === undefined) return []
  const { title, author, publishedAt } = best.passage.content
  if (part === 'publishedAt') return publishedAt === null ? [] : [sayDate(best.passage, source, publishedAt)]
  const text = `“${title}” is by ${author}.`
  const { contentHash } = source
  const field = fieldSource(best.passage.content, part)
  return [{ text, passage: best.passage, contentHash, source: field, start: 0, end: 0, part }]
}

/** A question for the posts of a time themselves: `what was released in May 2015`, `security releases after 2026-01-01`. */
const listing =
  /^\W*(?:and |so )?(?:what|which)(?: \S{1,40}){0,4} (?:released|announced|published|posted|launched|happened|come out|came out|new)\W*$|^\W*(?:list |show |all |the )*(?:\S{1,40} ){0,3}(?:releases|announcements|news|posts|articles)\W*$/i

/** Characters: who asks for a list says so at once. */
const longestListing = 200

/** The posts found of the time that the question is limited to, the best first. */
export function sayPosts(
  { prompt, understood = [] }: Asked,
  passages: readonly SearchResult[],
  sources: ReadonlyMap<string, Source>,
  most: number,
): Extracted[] {
  const rest = understood.reduce((text, each) => text.replace(each.text, ' '), prompt.slice(0, longestListing))
  if (!understood.some(({ kind }) => kind === 'published') || !listing.test(rest)) return []
  const posts = [...new Map(passages.map((passage) => [passage.content.title, passage])).values()]
  return posts.slice(0, most).flatMap((passage) => {
    const source = sources.get(passage.content.id)
    const { publishedAt } = passage.content
    return source === undefined || publishedAt === null ? [] : [sayDate(passage, source, publishedAt)]
  })
}

/** Events that a post tells on their day. */
const news =
  /\b(?:c[ao]me out|releas\w*|announc\w*|publish\w*|launch\w*|introduc\w*|stabili[sz]\w*|stable|ship(?:ped)?|add(?:ed)?|remov\w*|deprecat\w*|fix(?:ed)?|happen\w*|end(?:ed)?|start\w*|becom\w*|became|join\w*|mov(?:e|ed)|chang\w*|available|land(?:ed)?)\b/i

/**
 * The date of the content of the sentence that comes nearest, where no sentence with a date is as near: a post seldom says the day on
 * which it tells its news.
 */
export function sayWhen(
  { prompt }: Asked,
  kind: QuestionKind,
  dated: readonly Candidate[],
  candidates: readonly Candidate[],
): { fields: Extracted[]; about: Candidate[] } {
  const nothing = { fields: [], about: [] }
  const [best] = candidates.toSorted((a, b) => b.support - a.support)
  if (kind !== 'date' || best === undefined || !news.test(prompt) || !isPast(prompt)) return nothing
  const { publishedAt, title } = best.passage.content
  if (!tellsTheSame(prompt, `${title}\n${best.sentence.text}`)) return nothing
  const nearest = Math.max(0, ...dated.map(({ support }) => support))
  if (publishedAt === null || best.support < leastForDate || best.support < nearest + muchNearer) return nothing
  return { fields: [sayDate(best.passage, best.source, publishedAt)], about: [best] }
}

/** Whether the text tells an event that the question names: that something is made known, or by the same verb. */
function tellsTheSame(prompt: string, text: string): boolean {
  if (published.test(prompt) && (published.test(text) || /\b(?:announc|introduc|releas|launch|publish)/i.test(text)))
    return true
  const stems = prompt.match(new RegExp(news, 'gi'))?.map((verb) => verb.slice(0, 4).toLowerCase()) ?? []
  return tokens(text).some((word) => stems.some((stem) => word.startsWith(stem)))
}

function sayDate(passage: SearchResult, { contentHash }: Source, publishedAt: string): Extracted {
  const text = `“${passage.content.title}” was published on ${writtenDate(publishedAt)}.`
  const source = fieldSource(passage.content, 'publishedAt')
  return { text, passage, contentHash, source, start: 0, end: 0, part: 'publishedAt' }
}

/** The version as it is, or with further zeros. */
function hasWhole(title: string, number: string): boolean {
  const least = RegExp.escape(number.replace(/(?:\.0)+$/, ''))
  return new RegExp(`(?<![\\d.])v?${least}(?:\\.0)*(?!\\.?\\d)`).test(title)
}

/** Whether the post tells the thing itself: its title says little else. */
function isTheNews(title: string, prompt: string): boolean {
  const asked = new Set(tokens(prompt))
  const words = tokens(title).filter((word) => /\p{L}{3}|^rc$/u.test(word) && !announcing.test(word))
  const others = words.filter((word) => !asked.has(word))
  return !others.some((word) => besideIt.test(word)) && others.length <= Math.max(1, words.length / 2)
}

/** Words of the title that are not asked about. */
function restOf({ content }: SearchResult, { prompt }: Asked): number {
  const asked = new Set(tokens(prompt))
  return tokens(content.title).filter((word) => !asked.has(word) && !announcing.test(word)).length
}

function tokens(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+(?:\.\p{N}+)*/gu) ?? []
}
