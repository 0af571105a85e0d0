import { createReadStream } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { inputError } from '../errors.ts'
import { InputError, type Line, readLines } from '../ingest/read-lines.ts'
import { ArchiveEnd, ArchiveHead, type ArchiveRow, rowSchemas } from './archive.schema.ts'
import { archivePartNames } from './archive-parts.ts'
import { createPartSums, type PartSums } from './part-sums.ts'

/** The file is none, or not as it was written. The message goes on behind “The archive”. */
export class CollectionError extends Error {
  override readonly name = 'CollectionError'
}

/** Whether a file is a collection's archive, packed by gzip or not, by its first line. */
export async function isCollection(path: string): Promise<boolean> {
  const source = createReadStream(path)
  try {
    for await (const { text } of readLines(source)) return /^\{"type":"extropy",/.test(text ?? '')
  } catch (error) {
    if (!(error instanceof InputError)) throw error
  } finally {
    source.destroy()
  }
  return false
}

export interface CheckedRow {
  readonly part: ArchiveRow['type']
  readonly row: ArchiveRow['row']
  readonly line: number
}

const rowsAtOnce = 200

/**
 * The rows of an archive, each with the columns and types of its table, in the order of the parts; reading ends well only where the
 * whole file is as it was written. @throws CollectionError
 */
export async function* readCollection(path: string, signal: AbortSignal): AsyncGenerator<CheckedRow> {
  const source = createReadStream(path)
  const sums = createPartSums()
  let count = 0
  let partAt = 0
  let end: ReturnType<typeof ArchiveEnd.parse> | undefined
  try {
    for await (const line of readLines(source)) {
      signal.throwIfAborted()
      if (end !== undefined) throw new CollectionError(`goes on behind its end, in line ${line.number}`)
      const { text, value } = parsed(line)
      if (count === 0) checked(ArchiveHead, value, line)
      else if (value.type === 'done') {
        end = checked(ArchiveEnd, value, line)
        continue
      } else {
        const at = (archivePartNames as readonly unknown[]).indexOf(value.type)
        const part = archivePartNames[at]
        if (part === undefined || at < partAt) throw new CollectionError(`has a line out of place: ${line.number}`)
        partAt = at
        sums.add(part, text)
        const row = checked(rowSchemas[part], value.row, line)
        yield { part, row, line: line.number }
      }
      count++
      // Reading waits for nothing while it has bytes: without this, other requests would wait for it.
      if (count % rowsAtOnce === 0) await setImmediate()
    }
  } catch (error) {
    throw error instanceof InputError ? new CollectionError(error.message.replace(/^it /, ''), { cause: error }) : error
  } finally {
    source.destroy()
  }
  if (end === undefined) throw new CollectionError('breaks off: its last line is not «done»')
  if (end.lines !== count) throw new CollectionError(`has ${count} lines instead of ${end.lines}`)
  const wrong = differing(end.parts, sums.read())
  if (wrong !== undefined) throw new CollectionError(`is not as it was written: its ${wrong} have another hash`)
}

function parsed({ number, text, problem }: Line): { text: string; value: Record<string, unknown> } {
  if (text === undefined) throw new CollectionError(`cannot be read: line ${number} ${problem}`)
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return { text, value: value as Record<string, unknown> }
  } catch {}
  throw new CollectionError(`cannot be read: line ${number} must be a JSON object`)
}

interface Schema<Output> {
  safeParse(value: unknown): { success: true; data: Output } | { success: false; error: import('zod').ZodError }
}

function checked<Output>(schema: Schema<Output>, value: unknown, { number }: Line): Output {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new CollectionError(`cannot be read: line ${number}, ${inputError(result.error).message.slice(0, 200)}`)
}

function differing(said: PartSums, found: PartSums): string | undefined {
  return archivePartNames.find(
    (part) => said[part]?.hash !== found[part]?.hash || said[part]?.rows !== found[part]?.rows,
  )
}
