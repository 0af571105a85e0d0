import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

export interface Headline {
  readonly id: string
  readonly text: string
  readonly label: number
}
export interface HookPost extends Headline {
  readonly strength: number
}
export interface PhraseDocument {
  readonly id: string
  readonly set: string
  readonly lang: string
  readonly title: string
  readonly text: string
  readonly keyphrases: readonly string[]
}
export interface FeelingText {
  readonly id: string
  readonly set: string
  readonly text: string
  readonly label: 'positive' | 'neutral' | 'negative'
  readonly score?: number
}
export interface TopicDocument {
  readonly id: string
  readonly set: string
  readonly class: string
  readonly title: string
  readonly text: string
}
export interface SentencePair {
  readonly id: string
  readonly set: string
  readonly a: string
  readonly b: string
  readonly score?: number
  readonly label?: number
  readonly relation?: string
}

/** Judged data in a folder: gzip'd JSON Lines, one folder a task. */
export const readHeadlines = (data: string) => read<Headline>(data, 'clickbait/headlines')
export const readHookPosts = (data: string) => read<HookPost>(data, 'clickbait/posts')
export const readPhraseDocuments = (data: string) => read<PhraseDocument>(data, 'keyphrases/keyphrases')
export const readFeelings = (data: string) => read<FeelingText>(data, 'sentiment/sentiment')
export const readTopics = (data: string) => read<TopicDocument>(data, 'topics/topics')
export const readPairs = (data: string) => read<SentencePair>(data, 'paraphrase/paraphrase')

/** Rows in the order of their file; those of one class may follow each other, hence the caller's own order for folds. */
function read<Row>(data: string, name: string): Row[] {
  const text = gunzipSync(readFileSync(join(data, `${name}.jsonl.gz`))).toString()
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)
}
