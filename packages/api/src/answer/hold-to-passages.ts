import type { SearchResult } from '../search/search.ts'
import { writtenDate } from './rank-sentences.ts'

const number = /\d+(?:[.,:/-]\d+)*/g
/** A word with a capital letter in it. What stands first has one anyway, and counts where another follows it or one is inside. */
const name = /(?<![\p{L}\p{N}])[\p{L}\p{N}_]*\p{Lu}[\p{L}\p{N}_]*/gu
/** Words that have a capital letter and name nothing. */
const noName = new Set([
  'i',
  'a',
  'the',
  'it',
  'in',
  'on',
  'at',
  'for',
  'this',
  'that',
  'they',
  'he',
  'she',
  'we',
  'you',
  'no',
  'yes',
])
const denial = /\b(?:not|no|nothing|none|nobody|never|cannot|without)\b|n['’]t\b/i

/**
 * Whether each number, date and name of a sentence stands in the passages that it cites, or in what is known of them: title, author and date.
 * One that cites nothing may only say that something is not there, in the question's own names.
 */
export function standsInPassages(sentence: string, cited: readonly SearchResult[], question: string): boolean {
  const evidence = cited.length > 0 ? cited.map(knownOf) : denial.test(sentence) ? [question] : []
  const said = evidence.join('\n')
  const numbers = new Set(numbersOf(said))
  const words = new Set(wordsOf(said))
  return numbersOf(sentence).every((each) => numbers.has(each)) && namesOf(sentence).every((each) => words.has(each))
}

function knownOf({ passage, content: { title, author, publishedAt } }: SearchResult): string {
  return [
    passage.text,
    title,
    author,
    publishedAt === null ? '' : `${writtenDate(publishedAt)} ${publishedAt.slice(0, 10)}`,
  ].join('\n')
}

/** `10,000` and `10000` are one number, and so are `05` and `5`. */
function numbersOf(text: string): string[] {
  return (text.replace(/(?<=\d),(?=\d{3}(?!\d))/g, '').match(number) ?? []).map((each) => each.replace(/^0+(?=\d)/, ''))
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? []
}

function namesOf(sentence: string): string[] {
  const names = [...sentence.matchAll(name)].filter(({ 0: word, index }) => {
    if (noName.has(word.toLowerCase())) return false
    const isFirst = !/[\p{L}\p{N}]/u.test(sentence.slice(0, index))
    return !isFirst || /\p{Lu}/u.test(word.slice(1)) || /^ \p{Lu}\p{L}/u.test(sentence.slice(index + word.length))
  })
  return names.map(([word]) => word.toLowerCase())
}
