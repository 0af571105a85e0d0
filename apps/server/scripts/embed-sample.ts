import { embeddingText, ingest } from '@extropy/api'
import { parseConfig } from '../src/config.ts'
import { embedStored } from '../src/embed-stored.ts'
import { ingestFile } from '../src/ingest-file.ts'
import { openDeps } from '../src/open-deps.ts'
import { bundledSample } from '../src/sample.ts'
import { bundledVectors, writeVectors } from '../src/sample-vectors.ts'

/**
 * Writes the vectors of the bundled posts' passages, by the local embedder: some minutes. To be run anew when the posts, the way
 * they are cut or the model change; a test says so.
 */
const deps = await openDeps(parseConfig({ DATABASE_URL: 'memory:' }))
await ingestFile({ ingest: (lines, options) => ingest(deps, lines, options), deps }, bundledSample, {
  label: 'The sample',
  out: process.stderr,
})
await embedStored(deps, process.stderr)
const rows = await deps.db
  .selectFrom('contentChunks')
  .innerJoin('contents', 'contents.id', 'contentChunks.contentId')
  .select(['contents.title', 'contentChunks.text', 'contentChunks.embedding'])
  .where('contentChunks.embedding', 'is not', null)
  .execute()
const vectors = rows.map(({ title, text, embedding }): [string, Float32Array] => [
  embeddingText(title, text),
  Float32Array.from(JSON.parse(embedding ?? '') as number[]),
])
writeVectors(bundledVectors, deps.embedder.model, new Map(vectors))
await deps.close()
