import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { chunkText, createLocalEmbedder, embeddingText } from '@extropy/api'
import { IngestLine } from '@extropy/api/testing'
import { expect, onTestFinished, test } from 'vitest'
import { bundledSample } from './sample.ts'
import { bundledVectors, readVectors } from './sample-vectors.ts'

async function readPosts() {
  const lines = gunzipSync(await readFile(bundledSample))
    .toString()
    .trim()
    .split('\n')
  return lines.map((line) => IngestLine.parse(JSON.parse(line)))
}

test('the bundled file has 1,046 posts, each of which would be stored as a content of its own', async () => {
  const contents = await readPosts()
  expect(new Set(contents.map(({ sourceUrl }) => sourceUrl)).size).toBe(1046)
})

test('each passage of theirs has its vector in the other file, which is the model’s own', async () => {
  const embedder = createLocalEmbedder()
  onTestFinished(() => embedder.close())
  const known = readVectors(bundledVectors, embedder.model, embedder.dimension)
  const texts = (await readPosts()).flatMap(({ title, body }) =>
    chunkText(body || title).map((passage) => embeddingText(title, passage)),
  )
  const withoutVector = texts.filter((text) => known.find(text) === undefined)
  expect(withoutVector, 'node apps/server/scripts/embed-sample.ts makes them').toEqual([])
  expect(known.size).toBe(new Set(texts).size)

  const some = texts.filter((_, at) => at % 1000 === 0)
  for (const [at, vector] of (await embedder.embed(some)).entries()) {
    expect(cosine(vector, known.find(some[at] ?? ''))).toBeGreaterThan(0.99)
  }
})

test('vectors of another model are as good as none', () => {
  expect(readVectors(bundledVectors, 'another', 384).size).toBe(0)
})

function cosine(a: Float32Array = new Float32Array(), b: Float32Array = new Float32Array()): number {
  const product = a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0)
  return product / Math.hypot(...a) / Math.hypot(...b)
}
