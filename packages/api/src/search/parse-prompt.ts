/** A prompt's operators, taken apart from its words. */
export interface ParsedPrompt {
  /** The words that are ranked by: every one but the excluded ones, those of phrases included. */
  readonly text: string
  /** Each must be in a passage, word after word. */
  readonly phrases: readonly string[]
  /** None may be in a passage; more than one word is a phrase. */
  readonly excluded: readonly string[]
}

/**
 * In longer prompts quotes and dashes are punctuation: an abstract that quotes somebody must not shrink to the passages
 * that quote the same. 32 words, as web search engines have long had it; the characters bound what they may be glued of.
 */
const longestWithOperators = { words: 32, characters: 500 }

/** In quotes, or after a dash what looks like a word: `-O3`, `-C` and `-1` are options and numbers that a question is about. */
const operator = /(?<=^|\s)(-)?(?:"([^"]+)"|“([^”]+)”)|(?<=^|\s)-(?=\p{L}{2}|\p{Lo}|\p{L}\p{M}*[+#]|\.\p{L})(\S+)/gu

/** A prompt as it is asked: with its operators, where it is short enough to have them. */
export function parsePrompt(prompt: string): ParsedPrompt {
  const asItIs: ParsedPrompt = { text: prompt, phrases: [], excluded: [] }
  const { words, characters } = longestWithOperators
  const trimmed = prompt.trim()
  if (trimmed.length > characters || trimmed.split(/\s+/).length > words) return asItIs
  const parsed = readOperators(trimmed)
  // Nothing but exclusions asks for nothing: then the words themselves are meant.
  return /[\p{L}\p{N}]/u.test(parsed.text) ? parsed : asItIs
}

/** Reads `"a phrase"`, `-word` and `-"a phrase"`; a dash counts only before a word and after white space. */
export function readOperators(given: string): ParsedPrompt {
  const phrases: string[] = []
  const excluded: string[] = []
  const text = given.replace(operator, (match, ...groups) => {
    const [dash, straight, curly, word] = groups as (string | undefined)[]
    const quoted = straight ?? curly
    if (word !== undefined || dash !== undefined) {
      excluded.push(word ?? quoted ?? '')
      return ' '
    }
    if (quoted !== undefined && /[\p{L}\p{N}]/u.test(quoted)) phrases.push(quoted)
    return ` ${quoted ?? match} `
  })
  return { text, phrases, excluded }
}
