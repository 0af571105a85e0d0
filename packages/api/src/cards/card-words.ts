import { type RawBuilder, sql } from 'kysely'
import { phraseText, searchText } from '../language/search-text.ts'
import { readOperators } from '../search/parse-prompt.ts'

/** The words by which a card is found. */
export function cardWords({ title, body }: { readonly title: string; readonly body: string }): RawBuilder<string> {
  return cardWordsOf(sql`${searchText(title)}`, sql`${searchText(body)}`)
}

/** The same of texts that `searchText` has read. */
export function cardWordsOf(title: RawBuilder<unknown>, body: RawBuilder<unknown>): RawBuilder<string> {
  return sql`setweight(extropy_words('english', ${title}), 'A') || setweight(extropy_words('english', ${body}), 'D')`
}

/**
 * The pieces of a search, for extropy_search: `+` and a word or phrase that must be there, `-` and one that must not, `|` between
 * alternatives.
 */
export function readSearch(search: string): string[] {
  return alternativesOf(search).flatMap((alternative, at) => {
    const { text, phrases, excluded } = readOperators(alternative)
    return [
      ...(at === 0 ? [] : ['|']),
      ...[...text.split(/\s+/), ...phrases].flatMap((wanted) => piece('+', wanted)),
      ...excluded.flatMap((unwanted) => piece('-', unwanted)),
    ]
  })
}

/** Split at each `or` that stands outside of quotes. */
function alternativesOf(search: string): string[] {
  const tokens = search.match(/-?"[^"]*"|-?“[^”]*”|\S+/g) ?? []
  const alternatives: string[][] = [[]]
  for (const token of tokens) {
    if (/^or$/i.test(token)) alternatives.push([])
    else alternatives.at(-1)?.push(token)
  }
  return alternatives.map((alternative) => alternative.join(' '))
}

function piece(sign: '+' | '-', text: string): string[] {
  const phrase = phraseText(text)
  return phrase === '' ? [] : [sign + phrase]
}
