/** A prompt's operators, taken apart from its words. */
export interface ParsedPrompt {
  /** What is ranked by: every word but the excluded ones, those of phrases included. */
  readonly text: string
  /** Each must be in a passage, word after word. */
  readonly phrases: readonly string[]
  /** None may be in a passage; more than one word is a phrase. */
  readonly excluded: readonly string[]
}

/**
 * In longer prompts quotes and dashes are punctuation: an abstract that quotes somebody must not shrink to the passages
 * that quote the same. 32 words, as web search engines have long had it.
 */
const longestWithOperators = 32

/** Reads `"a phrase"`, `-word` and `-"a phrase"`; a dash counts only before a word and after white space. */
export function parsePrompt(prompt: string): ParsedPrompt {
  if (prompt.trim().split(/\s+/).length > longestWithOperators) return { text: prompt, phrases: [], excluded: [] }
  const phrases: string[] = []
  const excluded: string[] = []
  const text = prompt.replace(
    /(?<=^|\s)(-)?(?:"([^"]+)"|“([^”]+)”)|(?<=^|\s)-(?=[\p{L}\p{N}])(\S+)/gu,
    (match, ...groups) => {
      const [dash, straight, curly, word] = groups as (string | undefined)[]
      const quoted = straight ?? curly
      if (word !== undefined || dash !== undefined) {
        excluded.push(word ?? quoted ?? '')
        return ' '
      }
      if (quoted !== undefined && /[\p{L}\p{N}]/u.test(quoted)) phrases.push(quoted)
      return ` ${quoted ?? match} `
    },
  )
  return { text, phrases, excluded }
}
