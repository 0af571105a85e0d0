import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import {
  type IngestOptions,
  type IngestReport,
  IngestStoppedError,
  type Line,
  type Reject,
  readLines,
} from '@extropy/api'
import type { ArchiveOptions } from './ingest-archive.ts'
import type { IngestSource } from './ingest-source.ts'
import { InputFileError } from './input-file-error.ts'
import { createProgressBar } from './progress-bar.ts'

export interface IngestFileOptions extends ArchiveOptions {
  readonly label: string
  readonly out: NodeJS.WriteStream
  readonly onReject?: (reject: Reject) => void
}

/** Takes lines in: `ingest` into a database, or by way of its server. */
export type Ingest = (lines: AsyncIterable<Line>, options: IngestOptions) => Promise<IngestReport>

/**
 * Ingests an ingest file, an export or a folder, or standard input where the path is `-`, with a progress bar.
 *
 * @throws InputFileError
 */
export async function ingestFile(into: Ingest, path: string, options: IngestFileOptions): Promise<IngestReport> {
  const { label, out, onReject } = options
  const source = await open(path, options)
  const bar = createProgressBar(label, out, source.totalBytes)
  const finish = (report: IngestReport) => {
    bar.finish(report)
    for (const line of source.closing()) out.write(`${label}: ${line}\n`)
  }
  const ingestOptions: IngestOptions = {
    onProgress: (progress) => bar.update(progress, source.bytesRead()),
    ...(onReject === undefined ? {} : { onReject }),
  }
  try {
    const report = await into(source.lines, ingestOptions)
    finish(report)
    return report
  } catch (error) {
    if (!(error instanceof IngestStoppedError)) throw error
    const { report, message } = error
    if (report.read === 0) throw new InputFileError(`${label}: ${message}`, { cause: error })
    finish(report)
    const came = `The ${report.read} whole lines before that were read; a whole file can be ingested again at no cost.`
    throw new InputFileError(`${label}: ${message}. ${came}`, { cause: error })
  }
}

async function open(path: string, options: IngestFileOptions): Promise<IngestSource> {
  if (path === '-') return lineSource(process.stdin, undefined)
  if (/^https?:\/\//i.test(path)) {
    throw new InputFileError(`${path} is an address on the web: pnpm follow ${path} reads it. Files are ingested.`)
  }
  const info = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === 'ENOENT' ? 'there is no such file or folder' : cause.message
    throw new InputFileError(`${path}: ${reason}.`, { cause })
  })
  // Only now: a server, which loads the sample by this file, needs none of the readers' modules.
  const { archiveSource, isJsonLines } = await import('./ingest-archive.ts')
  if (info.isFile() && (await isJsonLines(path))) return lineSource(createReadStream(path), info.size)
  return archiveSource(path, options)
}

function lineSource(source: Readable, totalBytes: number | undefined): IngestSource {
  let bytesRead = 0
  const lines = readLines(source, (bytes) => {
    bytesRead += bytes
  })
  return { lines, totalBytes, bytesRead: () => bytesRead, closing: () => [] }
}
