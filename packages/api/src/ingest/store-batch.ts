import { isRefusedData } from '@extropy/db'
import type { Deps } from '../context.ts'
import { invalidating } from '../invalidating.ts'
import { type PreparedContent, storeContents } from './ingest.queries.ts'
import type { ParsedLine, Reject } from './parse-line.ts'
import { prepareContents } from './prepare-contents.ts'

/** Characters of bodies that end a batch: some thousand passages, and a statement that writes them may take 30 s. */
export const longBatch = 1_000_000

export interface StoredBatch {
  /** Source URLs of contents written, new or changed. */
  readonly stored: readonly string[]
  readonly unchanged: number
  /** Lines that a later one of the same URL made pointless. */
  readonly superseded: number
  /** Passages written. */
  readonly passages: number
}

/** Stores those of a batch that are new or changed. Of several with one URL the last stands, as it would in batches of their own. */
export async function storeBatch(
  deps: Pick<Deps, 'db' | 'cache'>,
  batch: readonly ParsedLine[],
  reject: (reject: Reject) => void,
): Promise<StoredBatch> {
  const latest = [...new Map(batch.map((parsed) => [parsed.content.sourceUrl, parsed])).values()]
  const { prepared, unchanged } = await prepareContents(deps, latest, reject)
  const written = await store(prepared)
  return {
    stored: written.map(({ content }) => content.sourceUrl),
    unchanged,
    superseded: batch.length - latest.length,
    passages: written.reduce((sum, { passages }) => sum + passages.length, 0),
  }

  /** All in one transaction; where the database refuses one of them, each in its own. */
  async function store(contents: readonly (ParsedLine & PreparedContent)[]): Promise<readonly PreparedContent[]> {
    const [first, ...others] = contents
    if (first === undefined) return []
    try {
      await invalidating(deps, (writer) => storeContents(writer, contents))
      return contents
    } catch (error) {
      if (!isRefusedData(error)) throw error
      if (others.length === 0) {
        reject({ line: first.line, field: '', reason: `is refused by the database: ${error.message}` })
        return []
      }
      const written: PreparedContent[] = []
      for (const content of contents) written.push(...(await store([content])))
      return written
    }
  }
}
