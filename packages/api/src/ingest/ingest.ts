import { isRefusedData } from '@extropy/db'
import type { z } from 'zod'
import type { Deps } from '../context.ts'
import { invalidating } from '../invalidating.ts'
import { chunkText } from './chunk-text.ts'
import { analyzeContents, findHashes, hashContent, type PreparedContent, storeContent } from './ingest.queries.ts'
import { IngestLine, type NewContent, toCamelCase } from './ingest.schema.ts'
import type { Line } from './read-lines.ts'

/** A valid line: kept beside its content, because the database may still find fault with it. */
interface ParsedLine {
  readonly line: Line
  readonly content: NewContent
}

/** One line that did not go in. */
export interface Reject {
  readonly line: Line
  /** The key at fault; empty where the line as a whole is not usable. */
  readonly field: string
  readonly reason: string
}

export interface IngestReport {
  /** Non-blank lines seen. */
  readonly read: number
  /** Contents written, new or changed. */
  readonly stored: number
  readonly unchanged: number
  /** Lines that a later one of the same URL, read together with them, made pointless. */
  readonly superseded: number
  readonly rejected: number
  /** Passages written. */
  readonly passages: number
  /** Time that the run spent waiting for the embedder, in milliseconds. */
  readonly embedderMs: number
}

export interface IngestOptions {
  /** Contents prepared, and embedded, together. Default 32. */
  readonly batchSize?: number
  readonly onReject?: (reject: Reject) => void
  /** Called after every batch. */
  readonly onProgress?: (report: IngestReport) => void
}

/**
 * Reads lines of JSON, one content each, and stores those that are new or changed, by their source URL. A line that is
 * not valid goes to `onReject` and the rest still loads. Killed at any moment, a run leaves whole contents only, and
 * the next run finishes the job.
 *
 * @throws EmbedderError, DatabaseUnavailableError: what was stored before stays.
 */
export async function ingest(
  deps: Pick<Deps, 'db' | 'cache' | 'embedder' | 'embeddingModel'>,
  lines: AsyncIterable<Line>,
  options: IngestOptions = {},
): Promise<IngestReport> {
  const { batchSize = 32, onReject = () => {}, onProgress = () => {} } = options
  const { db, cache, embedder, embeddingModel } = deps
  const report = { read: 0, stored: 0, unchanged: 0, superseded: 0, rejected: 0, passages: 0, embedderMs: 0 }

  const reject = (rejected: Reject) => {
    report.rejected++
    onReject(rejected)
  }

  const prepare = async (batch: readonly ParsedLine[]): Promise<(ParsedLine & PreparedContent)[]> => {
    const hashes = await findHashes(
      db,
      batch.map(({ content }) => content.sourceUrl),
      embeddingModel.id,
    )
    const changed = batch
      .map((parsed) => ({ ...parsed, contentHash: hashContent(parsed.content) }))
      .filter(({ content, contentHash }) => hashes.get(content.sourceUrl) !== contentHash)
      .map((parsed) => ({ ...parsed, passages: chunkText(parsed.content.body) }))
    report.unchanged += batch.length - changed.length
    const startedAt = performance.now()
    const vectors = await embedder.embed(
      changed.flatMap(({ content, passages }) => passages.map((passage) => `${content.title}\n\n${passage}`)),
    )
    report.embedderMs += performance.now() - startedAt
    return changed.map((item) => ({ ...item, vectors: vectors.splice(0, item.passages.length) }))
  }

  const flush = async (batch: readonly ParsedLine[]) => {
    // Of several lines with one URL the last stands, as it would in batches of their own.
    const latest = [...new Map(batch.map((parsed) => [parsed.content.sourceUrl, parsed])).values()]
    report.superseded += batch.length - latest.length
    for (const { line, ...prepared } of await prepare(latest)) {
      try {
        await invalidating({ db, cache }, (writer) => storeContent(writer, prepared, embeddingModel.id))
      } catch (error) {
        if (!isRefusedData(error)) throw error
        reject({ line, field: '', reason: `is refused by the database: ${error.message}` })
        continue
      }
      report.stored++
      report.passages += prepared.passages.length
    }
    onProgress(report)
  }

  let batch: ParsedLine[] = []
  for await (const line of lines) {
    report.read++
    const parsed = parseLine(line)
    if ('reason' in parsed) {
      reject(parsed)
      continue
    }
    batch.push(parsed)
    if (batch.length >= batchSize) {
      await flush(batch)
      batch = []
    }
  }
  if (batch.length > 0) await flush(batch)
  if (report.stored > 0) await analyzeContents(db)
  return report
}

function parseLine(line: Line): ParsedLine | Reject {
  if (line.text === undefined) return { line, field: '', reason: 'is not valid UTF-8' }
  let json: unknown
  try {
    json = JSON.parse(line.text)
  } catch (error) {
    return { line, field: '', reason: `is not valid JSON: ${(error as Error).message}` }
  }
  const result = IngestLine.safeParse(json)
  return result.success ? { line, content: result.data } : { line, ...firstIssue(result.error, json) }
}

function toSnakeCase(key: PropertyKey | undefined): string | undefined {
  return key === undefined ? undefined : String(key).replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function firstIssue(error: z.ZodError, json: unknown): { field: string; reason: string } {
  const [issue] = error.issues
  const [key, ...rest] = issue?.path ?? []
  // Named as the line has it: source_url, if it says so.
  const written = Object.keys(Object(json)).find((name) => toCamelCase(name) === key) ?? toSnakeCase(key)
  return { field: [written ?? [], ...rest].flat().join('.'), reason: issue?.message ?? 'is not valid' }
}
