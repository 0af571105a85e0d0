import { Tokenizer } from '@huggingface/tokenizers'

/**
 * Texts are cut before they are taken apart, which costs by their length: so many characters hold more than a model reads,
 * but for one long run of white space or letters.
 */
const mostCharacters = 20_000

/**
 * A text's token ids, the model's own marks around them, cut to `most`; undefined where the model knows none of the
 * text's words, or most of its letters are not Latin: of other scripts it knows the letters alone. `file` is a
 * tokenizer.json.
 */
export function createTokenReader(file: string, most: number): (text: string) => number[] | undefined {
  const settings = JSON.parse(file) as Record<string, unknown>
  // As published it fills every text up to 128 tokens.
  const tokenizer = new Tokenizer({ ...settings, padding: null, truncation: null }, {})
  const unknown = tokenizer.token_to_id('[UNK]')
  const marks = new Set(tokenizer.encode('').ids)
  const isWord = (id: number) => id !== unknown && !marks.has(id)
  return (text) => {
    const beginning = text.slice(0, mostCharacters)
    const { ids } = tokenizer.encode(beginning)
    if (!ids.some(isWord) || !isMostlyLatin(beginning)) return undefined
    return ids.length <= most ? ids : [...ids.slice(0, most - 1), ids.at(-1) as number]
  }
}

function isMostlyLatin(text: string): boolean {
  const letters = text.match(/\p{L}/gu) ?? []
  return 2 * letters.filter((letter) => /\p{Script=Latin}/u.test(letter)).length >= letters.length
}
