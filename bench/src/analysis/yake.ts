import { readWords, stopWordsOf } from '@extropy/api/analysis'

interface Term {
  count: number
  capitals: number
  names: number
  readonly sentences: number[]
  readonly left: Map<string, number>
  readonly right: Map<string, number>
}

const longest = 3

/**
 * YAKE (Campos et al., Information Sciences 509, 2020), from the paper: the peer of the keyphrases here. Phrases, the best first; near
 * copies of better ones left out, as its own programme does with a limit of 0.9.
 */
export function yake(text: string, language: string, most: number): string[] {
  const stopWords = stopWordsOf(language) ?? new Set<string>()
  const isStop = (word: string) => stopWords.has(word) || word.length < 3
  const segmenter = new Intl.Segmenter(language, { granularity: 'sentence' })
  const sentences = [...segmenter.segment(text)].map(({ segment }) => splitAtMarks(segment))
  const terms = new Map<string, Term>()
  for (const [at, blocks] of sentences.entries()) {
    for (const block of blocks) {
      for (const [place, { lower, text: written }] of block.entries()) {
        const term: Term = terms.get(lower) ?? {
          count: 0,
          capitals: 0,
          names: 0,
          sentences: [],
          left: new Map(),
          right: new Map(),
        }
        term.count++
        term.sentences.push(at)
        if (/^\p{Lu}{2,}$/u.test(written)) term.capitals++
        else if (/^\p{Lu}/u.test(written) && place > 0) term.names++
        const [before, after] = [block[place - 1]?.lower, block[place + 1]?.lower]
        if (before !== undefined) term.left.set(before, (term.left.get(before) ?? 0) + 1)
        if (after !== undefined) term.right.set(after, (term.right.get(after) ?? 0) + 1)
        terms.set(lower, term)
      }
    }
  }
  const counts = [...terms].filter(([word]) => !isStop(word)).map(([, { count }]) => count)
  const meanCount = counts.reduce((sum, count) => sum + count, 0) / (counts.length || 1)
  const deviation = Math.sqrt(counts.reduce((sum, count) => sum + (count - meanCount) ** 2, 0) / (counts.length || 1))
  const mostCount = Math.max(1, ...[...terms.values()].map(({ count }) => count))
  const scoreOf = ({ count, capitals, names, sentences: places, left, right }: Term): number => {
    const casing = Math.max(capitals, names) / (1 + Math.log(count))
    const position = Math.log(Math.log(3 + median(places)))
    const frequency = count / (meanCount + deviation || 1)
    const side = (words: ReadonlyMap<string, number>) =>
      words.size / ([...words.values()].reduce((sum, times) => sum + times, 0) || 1)
    const relatedness = 1 + (side(left) + side(right)) * (count / mostCount)
    const spread = new Set(places).size / sentences.length
    return (relatedness * position) / (casing + frequency / relatedness + spread / relatedness)
  }
  const scores = new Map([...terms].map(([word, term]) => [word, scoreOf(term)]))
  const phrases = new Map<string, number>()
  for (const block of sentences.flat()) {
    for (let start = 0; start < block.length; start++) {
      for (let end = start + 1; end <= Math.min(block.length, start + longest); end++) {
        const words = block.slice(start, end).map(({ lower }) => lower)
        if (isStop(words[0] ?? '') || isStop(words.at(-1) ?? '') || words.some((word) => /^[\d.,]+$/.test(word)))
          continue
        const key = words.join(' ')
        phrases.set(key, (phrases.get(key) ?? 0) + 1)
      }
    }
  }
  const ranked = [...phrases]
    .map(([phrase, count]) => {
      let [product, sum] = [1, 0]
      const words = phrase.split(' ')
      for (const [at, word] of words.entries()) {
        if (!isStop(word)) {
          product *= scores.get(word) ?? 1
          sum += scores.get(word) ?? 1
          continue
        }
        // A stop word inside: how little bound it is to its neighbours.
        const bound = (one: string, other: string) =>
          (terms.get(one)?.right.get(other) ?? 0) / (terms.get(one)?.count ?? 1)
        const chance = bound(words[at - 1] ?? '', word) * bound(word, words[at + 1] ?? '')
        product *= 1 + (1 - chance)
        sum -= 1 - chance
      }
      return { phrase, score: product / (count * (1 + sum)) }
    })
    .sort((a, b) => a.score - b.score || (a.phrase < b.phrase ? -1 : 1))
  const chosen: string[] = []
  for (const { phrase } of ranked) {
    if (chosen.length === most) break
    if (!chosen.some((other) => likeness(other, phrase) > 0.9)) chosen.push(phrase)
  }
  return chosen
}

/** Words between marks: no phrase goes over one. */
const splitAtMarks = (sentence: string) =>
  sentence
    .split(/[^\p{L}\p{M}\p{N}\s'’_-]+/u)
    .map(readWords)
    .filter((block) => block.length > 0)

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

/** Of two texts the share of letters in their longest common subsequence. */
function likeness(a: string, b: string): number {
  let row = new Array<number>(b.length + 1).fill(0)
  for (const letter of a) {
    const next = [0]
    for (let at = 0; at < b.length; at++) {
      next.push(letter === b[at] ? (row[at] ?? 0) + 1 : Math.max(row[at + 1] ?? 0, next[at] ?? 0))
    }
    row = next
  }
  return (2 * (row.at(-1) ?? 0)) / (a.length + b.length)
}
