import { createReadStream } from 'node:fs'
import { readLines } from '@extropy/api'
import { bundledSample } from '@extropy/server/deps'
import { seeded } from '../ratio.ts'

/**
 * So many lines to ingest, from a number on: the sample's posts, and behind them posts of as many sentences, taken from
 * three of them. Each number is another content, and always the same one.
 */
export async function contentLines(first: number, count: number): Promise<string[]> {
  const posts: { [key: string]: unknown; title: string; body: string }[] = []
  for await (const { text = '' } of readLines(createReadStream(bundledSample))) posts.push(JSON.parse(text))
  const sentences = posts.map(({ body }) => body.split(/(?<=[.!?])\s+/))
  return Array.from({ length: count }, (_, n) => {
    const number = first + n
    const at = number % posts.length
    const post = posts[at]
    if (number < posts.length) return JSON.stringify(post)
    const random = seeded(number)
    const mixed = [at, ...[1, 2].map(() => Math.floor(random() * posts.length))].map((place) => sentences[place] ?? [])
    const body = sentences[at]?.map((_, position) => {
      const from = mixed[position % mixed.length] ?? []
      return from[Math.floor(random() * from.length)] ?? ''
    })
    return JSON.stringify({ ...post, source_url: `https://example.org/${number}`, body: body?.join(' ') })
  })
}
