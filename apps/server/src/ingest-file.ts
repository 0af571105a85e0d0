import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import {
  type Deps,
  type IngestOptions,
  type IngestReport,
  IngestStoppedError,
  type Line,
  readLines,
} from '@extropy/api'
import type { ArchiveOptions } from './ingest-archive.ts'
import { InputFileError } from './input-file-error.ts'
import { createProgressBar } from './progress-bar.ts'

export type IngestFileOptions = ArchiveOptions

/** Takes lines in: `ingest` into a database, or by way of its server. */
export type Ingest = (lines: AsyncIterable<Line>, options: IngestOptions) => Promise<IngestReport>

export interface IngestTarget {
  readonly ingest: Ingest
  /** Undefined where a server has the database: archives go to it by another way. */
  readonly deps?: Deps | undefined
}

/**
 * Ingests an ingest file, an export or a folder, or standard input where the path is `-`, with a progress bar.
 *
 * @throws InputFileError
 */
export async function ingestFile(into: IngestTarget, path: string, options: IngestFileOptions): Promise<IngestReport> {
  const { label, out, onReject } = options
  const source = await open(path)
  if (source === 'archive') {
    if (into.deps === undefined) {
      throw new InputFileError(
        `${label}: a server has the database open: EXTROPY_KEY=… pnpm run import ${path} hands it the archive.`,
      )
    }
    const { ingestArchive } = await import('./ingest-archive.ts')
    return ingestArchive(into.deps, path, options)
  }
  const bar = createProgressBar(label, out, source.totalBytes)
  const ingestOptions: IngestOptions = {
    onProgress: (progress) => bar.update(progress, source.bytesRead()),
    ...(onReject === undefined ? {} : { onReject }),
  }
  try {
    const report = await into.ingest(source.lines, ingestOptions)
    bar.finish(report)
    return report
  } catch (error) {
    if (!(error instanceof IngestStoppedError)) throw error
    const { report, message } = error
    if (report.read === 0) throw new InputFileError(`${label}: ${message}`, { cause: error })
    bar.finish(report)
    const came = `The ${report.read} whole lines before that were read; a whole file can be ingested again at no cost.`
    throw new InputFileError(`${label}: ${message}. ${came}`, { cause: error })
  }
}

interface LineSource {
  readonly lines: AsyncIterable<Line>
  /** Undefined where nobody knows. */
  readonly totalBytes: number | undefined
  bytesRead(): number
}

async function open(path: string): Promise<LineSource | 'archive'> {
  if (path === '-') return lineSource(process.stdin, undefined)
  if (/^https?:\/\//i.test(path)) {
    throw new InputFileError(`${path} is an address on the web: pnpm follow ${path} reads it. Files are ingested.`)
  }
  const info = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === 'ENOENT' ? 'there is no such file or folder' : cause.message
    throw new InputFileError(`${path}: ${reason}.`, { cause })
  })
  // Only now: a server, which loads the sample by this file, needs none of the readers' modules.
  const { isJsonLines } = await import('./ingest-archive.ts')
  return info.isFile() && (await isJsonLines(path)) ? lineSource(createReadStream(path), info.size) : 'archive'
}

function lineSource(source: Readable, totalBytes: number | undefined): LineSource {
  let bytesRead = 0
  const lines = readLines(source, (bytes) => {
    bytesRead += bytes
  })
  return { lines, totalBytes, bytesRead: () => bytesRead }
}
