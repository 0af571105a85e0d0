import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { type Deps, type IngestReport, IngestStoppedError, ingest, type Reject, readLines } from '@extropy/api'
import { createProgressBar } from './progress-bar.ts'

export interface IngestFileOptions {
  readonly label: string
  readonly out: NodeJS.WriteStream
  readonly onReject?: (reject: Reject) => void
}

/** The file cannot be read to its end; the lines before that are stored. */
export class InputFileError extends Error {
  override readonly name = 'InputFileError'
}

/**
 * Ingests a file, or standard input where the path is `-`, with a progress bar.
 *
 * @throws InputFileError
 */
export async function ingestFile(deps: Deps, path: string, options: IngestFileOptions): Promise<IngestReport> {
  const { label, out, onReject } = options
  const totalBytes = path === '-' ? undefined : await sizeOf(path)
  const source: Readable = path === '-' ? process.stdin : createReadStream(path)
  let bytesRead = 0
  const lines = readLines(source, (bytes) => {
    bytesRead += bytes
  })
  const bar = createProgressBar(label, out, totalBytes)
  try {
    const report = await ingest(deps, lines, {
      onProgress: (progress) => bar.update(progress, bytesRead),
      ...(onReject === undefined ? {} : { onReject }),
    })
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

async function sizeOf(path: string): Promise<number> {
  const info = await stat(path).catch((cause: Error) => {
    const hint = /^https?:/.test(path) ? ' It is a URL: download it, and ingest the file.' : ''
    throw new InputFileError(`${path}: ${cause.message}.${hint}`, { cause })
  })
  if (info.isDirectory()) throw new InputFileError(`${path} is a folder: name the files in it.`)
  return info.size
}
