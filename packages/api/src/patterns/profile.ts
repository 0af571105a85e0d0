import { createHash } from 'node:crypto'
import { stem } from '../analysis/porter.ts'
import { readText } from '../analysis/read-text.ts'
import { readWords, stopWordsOf } from '../analysis/words.ts'

export interface GivenContent {
  readonly id: string
  readonly platform: string
  readonly title: string
  readonly body: string
  readonly language: string | null
  /** ISO 8601; where it is not known the time of the ingest. */
  readonly at: string
  /** pgvector's text form; null where the content has none. */
  readonly embedding: string | null
}

export interface ProfiledSentence {
  readonly text: string
  /** In the body. */
  readonly start: number
  readonly end: number
  /** Stems of its telling words, each once. */
  readonly stems: readonly string[]
  /** These as one text: the same for sentences that say the same in the same order. */
  readonly key: string
}

/** What comparing contents takes of one of them. */
export interface Profile extends Omit<GivenContent, 'body' | 'embedding'> {
  readonly sentences: readonly ProfiledSentence[]
  /** Telling words, a repeated one each time. */
  readonly length: number
  readonly stems: ReadonlySet<string>
  /** Hashes of all three words that follow each other. */
  readonly shingles: ReadonlySet<number>
  /** The smallest of these hashes: of two texts that share half of their shingles they share at least one, but once in 10,000. */
  readonly sketch: readonly number[]
  readonly vector: Float32Array | undefined
}

const shingleLength = 3
const shortestSentence = 3
const sketchSize = 16

export function profileOf({ body, embedding, ...content }: GivenContent): Profile {
  const { language, pieces } = readText({ title: content.title, body, language: content.language })
  const stopWords = stopWordsOf(language)
  const lowerWords: string[] = []
  let length = 0
  const stems = new Set<string>()
  const sentences = pieces.flatMap((piece) => {
    const words = readWords(piece.text).map(({ lower }) => lower)
    lowerWords.push(...words)
    const telling = words.filter((word) => (stopWords === undefined ? word.length > 3 : !stopWords.has(word)))
    const own = new Set(telling.filter((word) => !/^\d{1,2}$/.test(word)).map(stem))
    length += telling.length
    for (const each of own) stems.add(each)
    if (piece.kind === 'heading' || own.size < shortestSentence) return []
    return [{ text: piece.text, start: piece.start, end: piece.end, stems: [...own], key: [...own].join(' ') }]
  })
  const vector = embedding === null ? undefined : Float32Array.from(JSON.parse(embedding) as number[])
  const shingles = shinglesOf(lowerWords)
  const sketch = [...Uint32Array.from(shingles).sort().subarray(0, sketchSize)]
  return { ...content, language, sentences, length, stems, shingles, sketch, vector }
}

function shinglesOf(words: readonly string[]): Set<number> {
  const shingles = new Set<number>()
  for (let at = 0; at + shingleLength <= words.length; at++) {
    shingles.add(hash(words.slice(at, at + shingleLength).join(' ')))
  }
  return shingles
}

/** FNV-1a with a last mix, 32 bits: of 10,000 shingles of a long text one in 400 meets another's. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193)
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  return (value ^ (value >>> 13)) >>> 0
}

/** An id that the same facts always get: a UUID of version 8. */
export function idOf(...facts: readonly string[]): string {
  const hex = createHash('sha256').update(JSON.stringify(facts)).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** The older one first; of the same moment the shorter, then by id. */
export function byAge(a: Profile, b: Profile): number {
  if (a.at !== b.at) return a.at < b.at ? -1 : 1
  return a.length - b.length || (a.id < b.id ? -1 : 1)
}
