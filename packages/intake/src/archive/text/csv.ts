import { Readable } from 'node:stream'
import { type CsvError, parse } from 'csv-parse'
import { type Found, problem } from '../archive-event.ts'
import type { Entry } from '../container/container.ts'
import { utf8Chunks } from './decode.ts'

/** A row by its header's names, in lower case with `_` for spaces. */
export interface CsvRow {
  readonly number: number
  readonly values: Readonly<Record<string, string>>
}

const maxRowBytes = 8 * 2 ** 20

const headerName = (name: string): string =>
  name
    .replace(/^\uFEFF/, '')
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_')

/** The delimiter that cuts a header into most names. */
function delimiterOf(header: string): ',' | ';' | '\t' {
  const count = (mark: string) => header.split(mark).length
  return count('\t') > Math.max(count(','), count(';')) ? '\t' : count(';') > count(',') ? ';' : ','
}

export function csvHeader(head: string): string[] {
  const line = head.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/, 1)[0] ?? ''
  return line.split(delimiterOf(line)).map((name) => headerName(name.replace(/^\s*"|"\s*$/g, '')))
}

/** Rows by header; one with too few fields, and one that a quote without an end swallows, is a problem instead. */
export async function* csvRows(entry: Entry): AsyncGenerator<CsvRow | Extract<Found, { type: 'problem' }>> {
  const found = (code: 'bad-record' | 'cut', message: string) =>
    problem(code, message) as Extract<Found, { type: 'problem' }>
  let header: string[] | undefined
  let number = 0
  const chunks = utf8Chunks(entry)
  const first = (await chunks.next()).value as Buffer | undefined
  if (first === undefined) return
  const all = (async function* () {
    yield first
    yield* chunks
  })()
  const delimiter = delimiterOf(first.toString('utf8').split(/\r\n|\n|\r/, 1)[0] ?? '')
  const parser = parse({
    bom: true,
    delimiter,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: maxRowBytes,
  })
  const source = Readable.from(all)
  source.on('error', (error) => parser.destroy(error))
  source.pipe(parser)
  try {
    for await (const fields of parser as AsyncIterable<string[]>) {
      number++
      if (header === undefined) {
        header = fields.map(headerName)
        continue
      }
      const names: readonly string[] = header
      if (fields.length < names.length) {
        yield found('bad-record', `row ${number} has ${fields.length} of ${names.length} fields`)
        continue
      }
      yield { number, values: Object.fromEntries(names.map((name, at) => [name, fields[at] ?? ''])) }
    }
  } catch (error) {
    if (!(error as CsvError).code?.startsWith('CSV_')) throw error
    const rows = header === undefined ? 'nothing' : `${number - 1} rows`
    yield found('cut', `cannot be read behind row ${number} (${(error as Error).message}); ${rows} came before`)
  }
}
