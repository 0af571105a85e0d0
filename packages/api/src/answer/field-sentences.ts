import type { Database } from '@extropy/db'
import type { Kysely } from 'kysely'
import { fieldSource } from '../receipts/receipts.ts'
import { coverage, weighWords } from '../search/relevance.ts'
import type { SearchResult } from '../search/search.ts'
import type { Extracted } from './extracted.ts'
import { findWords } from './measure-sentences.ts'
import type { QuestionKind } from './question-kind.ts'
import { type Asked, writtenDate } from './rank-sentences.ts'
import type { Source } from './read-sources.ts'

/** What a post's date answers, and what its author does. */
const published =
  /\b(?:c[ao]me out|released?|announced?|announcement|published?|posted|launch(?:ed)?|unveiled|introduced|arrive)\b/i
const written = /\b(?:wrote|written|authored?|writer|published|posted|blogged)\b/i
/** Words that say in a title, or in a question, that something is made known. */
const announcing =
  /^(?:announc\w*|introduc\w*|releas\w*|launch\w*|publish\w*|post\w*|wrote|written|author\w*|out|stable|the|an?|of|is|now|available)$/i
/** The share of the question's weight that a title must have to be the post that is asked about. */
const sameThing = 0.9

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
  const named = posts
    .map((passage, at) => ({
      passage,
      covered: coverage(weighed, (word) => found[at]?.has(word) ?? false),
      rest: restOf(passage, asked),
    }))
    .filter(({ covered }) => covered >= sameThing)
    // The post about Rust 1.0 itself, before that about its beta.
    .sort((a, b) => a.rest - b.rest)
  const [best] = named
  const source = best && sources.get(best.passage.content.id)
  if (best === undefined || source === undefined) return []
  const { title, author, publishedAt } = best.passage.content
  if (part === 'publishedAt' && publishedAt === null) return []
  const text =
    part === 'author' ? `“${title}” is by ${author}.` : `“${title}” was published on ${writtenDate(publishedAt ?? '')}.`
  const { contentHash } = source
  const field = fieldSource(best.passage.content, part)
  return [{ text, passage: best.passage, contentHash, source: field, start: 0, end: 0, part }]
}

/** Words of the title that are not asked about. */
function restOf({ content }: SearchResult, { prompt }: Asked): number {
  const asked = new Set(tokens(prompt))
  return tokens(content.title).filter((word) => !asked.has(word) && !announcing.test(word)).length
}

function tokens(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+(?:\.\p{N}+)*/gu) ?? []
}
