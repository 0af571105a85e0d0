import type { Deps } from '../context.ts'
import { chunkText } from './chunk-text.ts'
import { findHashes, hashContent, type PreparedContent } from './ingest.queries.ts'
import type { ParsedLine, Reject } from './parse-line.ts'

type Prepared = ParsedLine & PreparedContent

/**
 * Those of a batch that are new or changed, with all that has to be computed before their transactions. One that
 * cannot be prepared goes to `reject`, and the others are none the worse for it.
 */
export async function prepareContents(
  { db }: Pick<Deps, 'db'>,
  batch: readonly ParsedLine[],
  reject: (reject: Reject) => void,
): Promise<{ prepared: Prepared[]; unchanged: number }> {
  const hashes = await findHashes(
    db,
    batch.map(({ content }) => content.sourceUrl),
  )
  const changed = batch
    .map((parsed) => ({ ...parsed, contentHash: hashContent(parsed.content) }))
    .filter(({ content, contentHash }) => hashes.get(content.sourceUrl) !== contentHash)
  const prepared = changed.flatMap((parsed): Prepared[] => {
    const { title, body } = parsed.content
    try {
      // A link has only a title, and is found by it.
      return [{ ...parsed, passages: chunkText(body || title) }]
    } catch (error) {
      reject({ line: parsed.line, field: 'body', reason: `cannot be cut into passages: ${(error as Error).message}` })
      return []
    }
  })
  return { prepared, unchanged: batch.length - changed.length }
}
