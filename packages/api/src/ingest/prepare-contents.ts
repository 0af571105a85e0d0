import type { Deps } from '../context.ts'
import { EmbedderError } from '../embedding/embedder.ts'
import { chunkText } from './chunk-text.ts'
import { findHashes, hashContent, type PreparedContent } from './ingest.queries.ts'
import type { ParsedLine, Reject } from './parse-line.ts'

type WithPassages = ParsedLine & Omit<PreparedContent, 'vectors'>
type Prepared = ParsedLine & PreparedContent

/**
 * Those of a batch that are new or changed, with all that has to be computed before their transactions. One that
 * cannot be prepared goes to `reject`, and the others are none the worse for it.
 */
export async function prepareContents(
  { db, embedder, embeddingModel }: Pick<Deps, 'db' | 'embedder' | 'embeddingModel'>,
  batch: readonly ParsedLine[],
  reject: (reject: Reject) => void,
): Promise<{ prepared: Prepared[]; unchanged: number; embedderMs: number }> {
  const hashes = await findHashes(
    db,
    batch.map(({ content }) => content.sourceUrl),
    embeddingModel.id,
  )
  const changed = batch
    .map((parsed) => ({ ...parsed, contentHash: hashContent(parsed.content) }))
    .filter(({ content, contentHash }) => hashes.get(content.sourceUrl) !== contentHash)
  const cut = changed.flatMap((parsed): WithPassages[] => {
    const { title, body } = parsed.content
    try {
      // A link has only a title, and is found by it.
      return [{ ...parsed, passages: chunkText(body || title) }]
    } catch (error) {
      reject({ line: parsed.line, field: 'body', reason: `cannot be cut into passages: ${(error as Error).message}` })
      return []
    }
  })

  const startedAt = performance.now()
  const refused: EmbedderError[] = []
  const prepared = await embedContents(embedder, cut, ({ line }, error) => {
    refused.push(error)
    reject({ line, field: 'body', reason: `is refused by the embedding model: ${error.message}` })
  })
  // Then it is the settings that are at fault, and every other batch would end like this one.
  if (refused.length > 1 && refused.length === cut.length) throw refused[0]
  return { prepared, unchanged: batch.length - changed.length, embedderMs: performance.now() - startedAt }
}

/** Where the model refuses a text, halves of the batch tell whose it is. */
async function embedContents(
  embedder: Deps['embedder'],
  items: readonly WithPassages[],
  onRefused: (item: WithPassages, error: EmbedderError) => void,
): Promise<Prepared[]> {
  const texts = items.flatMap(({ content, passages }) => passages.map((passage) => `${content.title}\n\n${passage}`))
  try {
    const vectors = await embedder.embed(texts)
    return items.map((item) => ({ ...item, vectors: vectors.splice(0, item.passages.length) }))
  } catch (error) {
    if (!(error instanceof EmbedderError) || !error.refusesText) throw error
    const [item, ...others] = items
    if (item !== undefined && others.length === 0) {
      onRefused(item, error)
      return []
    }
    const half = Math.ceil(items.length / 2)
    const first = await embedContents(embedder, items.slice(0, half), onRefused)
    return [...first, ...(await embedContents(embedder, items.slice(half), onRefused))]
  }
}
