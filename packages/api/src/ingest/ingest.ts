import type { Deps } from '../context.ts'
import { analyzeContents } from './ingest.queries.ts'
import { type ParsedLine, parseLine, type Reject } from './parse-line.ts'
import { InputError, type Line } from './read-lines.ts'
import { longBatch, storeBatch } from './store-batch.ts'

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
}

/** The input could not be read to its end; what came before that is stored, as the report says. */
export class IngestStoppedError extends Error {
  override readonly name = 'IngestStoppedError'
  readonly report: IngestReport

  constructor(cause: InputError, report: IngestReport) {
    super(cause.message, { cause })
    this.report = report
  }
}

export interface IngestOptions {
  /** Contents prepared and written together; fewer where they are long. Default 128. */
  readonly batchSize?: number
  readonly onReject?: (reject: Reject) => void
  /** Called after every batch. */
  readonly onProgress?: (report: IngestReport) => void
}

/**
 * Reads lines of JSON, one content each, and stores those that are new or changed, by their source URL: they can be found by
 * word, and `embedPassages` gives them their vectors. A line that is not valid goes to `onReject` and the rest still loads. Killed at any moment, a run leaves whole contents only, and
 * the next run finishes the job.
 *
 * @throws IngestStoppedError where the input breaks off.
 * @throws DatabaseUnavailableError: what was stored before stays.
 */
export async function ingest(
  deps: Pick<Deps, 'db' | 'cache'>,
  lines: AsyncIterable<Line>,
  options: IngestOptions = {},
): Promise<IngestReport> {
  const { batchSize = 128, onReject = () => {}, onProgress = () => {} } = options
  const { db } = deps
  const report = { read: 0, stored: 0, unchanged: 0, superseded: 0, rejected: 0, passages: 0 }

  const reject = (rejected: Reject) => {
    report.rejected++
    onReject(rejected)
  }

  const flush = async (batch: readonly ParsedLine[]) => {
    const { stored, unchanged, superseded, passages } = await storeBatch(deps, batch, reject)
    report.stored += stored.length
    report.unchanged += unchanged
    report.superseded += superseded
    report.passages += passages
    onProgress(report)
  }

  let batch: ParsedLine[] = []
  let length = 0
  let broken: InputError | undefined
  try {
    for await (const line of lines) {
      report.read++
      const parsed = parseLine(line)
      if ('reason' in parsed) {
        reject(parsed)
        continue
      }
      batch.push(parsed)
      length += parsed.content.body.length
      if (batch.length >= batchSize || length >= longBatch) {
        await flush(batch)
        batch = []
        length = 0
      }
    }
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    broken = error
  }
  if (batch.length > 0) await flush(batch)
  if (report.stored > 0) await analyzeContents(db)
  if (broken !== undefined) throw new IngestStoppedError(broken, report)
  return report
}
