import { type IngestOptions, type IngestReport, type Line, parseLine } from '@extropy/api'
import { type Api, ApiError } from './api.ts'

/** Statuses that are about this content, and not about the server. */
const aboutContent: ReadonlySet<number> = new Set([400, 413, 422])

/**
 * As `ingest`, by a server that has the database open: one content a request, which is for the hundreds, not for the
 * hundred thousands. The server says nothing of passages, and an unchanged content counts as stored.
 */
export async function ingestThroughApi(
  api: Api,
  lines: AsyncIterable<Line>,
  { onReject = () => {}, onProgress = () => {} }: IngestOptions,
): Promise<IngestReport> {
  const report = { read: 0, stored: 0, unchanged: 0, superseded: 0, rejected: 0, passages: 0 }
  const reject: typeof onReject = (rejected) => {
    report.rejected++
    onReject(rejected)
  }
  for await (const line of lines) {
    report.read++
    const parsed = parseLine(line)
    if ('reason' in parsed) reject(parsed)
    else {
      const { authors, publishedAt, language, metrics, ...content } = parsed.content
      try {
        await api.call('POST', '/api/contents', {
          ...content,
          authors: authors.map(({ displayName }) => displayName),
          metrics,
          ...(publishedAt === null ? {} : { publishedAt }),
          ...(language === null || language === undefined ? {} : { language }),
        })
        report.stored++
      } catch (error) {
        if (!(error instanceof ApiError) || !aboutContent.has(error.status)) throw error
        reject({ line, field: '', reason: error.message })
      }
    }
    onProgress(report)
  }
  return report
}
