import { createReadStream } from 'node:fs'
import { chunkText, type Embedder, embeddingText, readLines } from '@extropy/api'
import { bundledSample, bundledVectors, readVectors } from '@extropy/server/deps'
import { seeded } from '../ratio.ts'

/**
 * Vectors without end, each the sum of three of the sample's passages' as the local embedder made them, and the titles of
 * its posts to ask with. The same ones every time.
 */
export async function mixedVectors(
  embedder: Embedder,
): Promise<{ vectors: () => Float32Array; titles: readonly string[] }> {
  const known = readVectors(bundledVectors, embedder.model, embedder.dimension)
  const titles: string[] = []
  const passages: Float32Array[] = []
  for await (const line of readLines(createReadStream(bundledSample))) {
    const { title, body } = JSON.parse(line.text ?? '') as { title: string; body: string }
    titles.push(title)
    passages.push(...chunkText(body).flatMap((passage) => known.find(embeddingText(title, passage)) ?? []))
  }
  const random = seeded(11)
  const pick = () => passages[Math.floor(random() * passages.length)] as Float32Array
  return {
    titles,
    vectors() {
      const [a, b, c] = [pick(), pick(), pick()]
      return a.map((component, at) => component + (b[at] ?? 0) + (c[at] ?? 0))
    },
  }
}
