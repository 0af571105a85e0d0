import { readWords, stopWordLanguages, stopWordsOf } from './words.ts'

/**
 * The stop words, in lower case, of the language in which a question says most of them: `was` asks in German, and is a verb in English.
 * Of several languages where it says as many of each; none where it says none.
 */
export function stopWordsIn(question: string): ReadonlySet<string> {
  const words = readWords(question).map(({ lower }) => lower)
  const said = stopWordLanguages.map((language) => {
    const stopWords = stopWordsOf(language)
    return words.filter((word) => stopWords?.has(word))
  })
  const most = Math.max(...said.map(({ length }) => length))
  return new Set(said.filter(({ length }) => length === most).flat())
}
