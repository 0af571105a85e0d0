import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readLines } from '../ingest/read-lines.ts'
import type { CollectionLine } from './archive.schema.ts'

/** Writes all lines to a file before the first one is taken, and reads them from there. The file has no name any more when it is read. */
export async function* throughFile(lines: AsyncIterable<CollectionLine>): AsyncGenerator<CollectionLine> {
  const folder = await mkdtemp(join(tmpdir(), 'extropy-export-'))
  const file = await open(join(folder, 'archive.jsonl'), 'wx+', 0o600)
  try {
    await rm(folder, { recursive: true, force: true })
    await writeLines(file, lines)
    const stored = file.createReadStream({ start: 0, autoClose: false })
    for await (const { text } of readLines(stored)) yield JSON.parse(text ?? '') as CollectionLine
  } finally {
    await file.close()
  }
}

const charactersAtOnce = 100_000

async function writeLines(file: FileHandle, lines: AsyncIterable<CollectionLine>): Promise<void> {
  let text = ''
  for await (const line of lines) {
    text += `${JSON.stringify(line)}\n`
    if (text.length < charactersAtOnce) continue
    await file.writeFile(text)
    text = ''
  }
  await file.writeFile(text)
}
