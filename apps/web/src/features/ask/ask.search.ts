import type { Inputs } from '@extropy/client'

export const platforms = ['web', 'rss', 'youtube', 'reddit', 'twitter'] as const
type Platform = (typeof platforms)[number]

const filterKinds = ['author', 'platform', 'published'] as const

/** A question with its filters, as the address has them: sharing the address shares the question. */
export interface Ask {
  readonly q?: string | undefined
  readonly platform?: Platform | undefined
  readonly author?: string | undefined
  /** Days, `2024-05-31`. */
  readonly after?: string | undefined
  readonly before?: string | undefined
  /** Separated by commas. */
  readonly tags?: string | undefined
  /** Kinds of filter that are not to be read in the question, separated by commas. */
  readonly words?: string | undefined
}

/** What is no filter is left out: an address is typed by hand, too. */
export function readAsk(search: Record<string, unknown>): Ask {
  const text = (name: string) => {
    const value = search[name]
    return typeof value === 'string' && value.trim() !== '' ? value : undefined
  }
  const day = (name: string) => {
    const value = text(name)
    return value !== undefined && /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value))
      ? value
      : undefined
  }
  return {
    q: text('q')?.slice(0, 8000),
    platform: platforms.find((platform) => platform === search.platform),
    author: text('author'),
    after: day('after'),
    before: day('before'),
    tags: text('tags'),
    words: text('words'),
  }
}

/** The API's input for a question, or for words that are still being typed. */
export function toInput(prompt: string, ask: Ask): Inputs['query']['rag'] {
  const tags = list(ask.tags)
  const asWords = filterKinds.filter((kind) => list(ask.words).includes(kind))
  return {
    prompt,
    nResults: 10,
    ...(ask.platform && { platform: ask.platform }),
    ...(ask.author && { author: ask.author }),
    ...(ask.after && { publishedAfter: `${ask.after}T00:00:00Z` }),
    ...(ask.before && { publishedBefore: `${ask.before}T00:00:00Z` }),
    ...(tags.length > 0 && { tags }),
    ...(asWords.length > 0 && { asWords }),
  }
}

export function list(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}
