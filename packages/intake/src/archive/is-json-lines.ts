import type { Entry } from './container/container.ts'
import { openFile } from './container/folder.ts'
import { recognise } from './recognise.ts'
import { headOf } from './text/decode.ts'

/** Whether a file is an ingest file, or nothing that else can be read but named as one: bad lines do not make it another. */
export async function isJsonLines(path: string): Promise<boolean> {
  const { entries } = await openFile(path, 0)
  const isNamedSo = /\.(jsonl|ndjson)(\.gz)?$/i.test(path)
  try {
    const { kind } = recognise(await headOf(entries[0] as Entry), path, true)
    return kind === 'json-lines' || (isNamedSo && (kind === 'unknown' || kind === 'empty'))
  } catch {
    // A gzip that is damaged from its first byte.
    return isNamedSo
  }
}
