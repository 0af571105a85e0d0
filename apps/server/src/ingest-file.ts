import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { type Deps, type IngestReport, ingest, type Reject, readLines } from '@extropy/api'
import { isUnavailable } from '@extropy/db'
import { createProgressBar } from './progress-bar.ts'

export interface IngestFileOptions {
  readonly label: string
  readonly out: NodeJS.WriteStream
  readonly onReject?: (reject: Reject) => void
}

/** The file cannot be read to its end; what came before that is stored. */
export class InputFileError extends Error {
  override readonly name = 'InputFileError'
}

/**
 * Ingests a file, or standard input where the path is `-`, with a progress bar.
 *
 * @throws InputFileError
 */
export async function ingestFile(deps: Deps, path: string, options: IngestFileOptions): Promise<IngestReport> {
  try {
    return await readAndIngest(deps, path, options)
  } catch (error) {
    const { code, syscall, message } = error as NodeJS.ErrnoException
    const isFromFile =
      (syscall !== undefined && /^E/.test(code ?? '') && !isUnavailable(error)) || /^Z_/.test(code ?? '')
    throw isFromFile ? new InputFileError(`${path}: ${message}`, { cause: error }) : error
  }
}

async function readAndIngest(deps: Deps, path: string, options: IngestFileOptions): Promise<IngestReport> {
  const totalBytes = path === '-' ? undefined : (await stat(path)).size
  const source: Readable = path === '-' ? process.stdin : createReadStream(path)
  let bytesRead = 0
  const bar = createProgressBar(options.label, options.out, totalBytes)
  const report = await ingest(
    deps,
    readLines(source, (bytes) => {
      bytesRead += bytes
    }),
    {
      onProgress: (progress) => bar.update(progress, bytesRead),
      ...(options.onReject === undefined ? {} : { onReject: options.onReject }),
    },
  )
  bar.finish(report)
  return report
}
