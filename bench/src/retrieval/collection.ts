import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

interface Document {
  readonly id: string
  readonly title: string
  readonly text: string
}

interface Query {
  readonly id: string
  readonly text: string
}

/** A retrieval test collection: documents, queries, and which document answers which query how well. */
export interface Collection {
  readonly documents: readonly Document[]
  /** Only those that somebody has judged. */
  readonly queries: readonly Query[]
  /** Query id to document id to grade, 1 or more: a document that is not there is not relevant. */
  readonly grades: ReadonlyMap<string, ReadonlyMap<string, number>>
}

/**
 * Reads `docs.jsonl.gz` {id, title, text}, `queries.jsonl.gz` {id, text} and `qrels.tsv` (a header; query, document,
 * grade). Queries without a relevant document are left out: no figure can be had of them.
 *
 * @throws an error that names the file and line at fault.
 */
export function readCollection(folder: string): Collection {
  const documents = readLines(join(folder, 'docs.jsonl.gz'), (line) => ({
    id: textOf(line, 'id'),
    title: textOf(line, 'title', ''),
    text: textOf(line, 'text'),
  }))
  const queries = readLines(join(folder, 'queries.jsonl.gz'), (line) => ({
    id: textOf(line, 'id'),
    text: textOf(line, 'text'),
  }))
  const grades = readGrades(join(folder, 'qrels.tsv'))
  return { documents, queries: queries.filter(({ id }) => grades.has(id)), grades }
}

function readLines<Row>(path: string, parse: (line: Record<string, unknown>) => Row): Row[] {
  return gunzipSync(readFileSync(path))
    .toString()
    .split('\n')
    .flatMap((line, index) => {
      if (line.trim() === '') return []
      try {
        return [parse(JSON.parse(line))]
      } catch (error) {
        throw new Error(`${path}, line ${index + 1}: ${(error as Error).message}`)
      }
    })
}

function textOf(line: Record<string, unknown>, key: string, fallback?: string): string {
  const value = line[key] ?? fallback
  if (typeof value !== 'string' && typeof value !== 'number') throw new Error(`${key} is required`)
  return String(value)
}

function readGrades(path: string): Map<string, Map<string, number>> {
  const grades = new Map<string, Map<string, number>>()
  for (const [index, line] of readFileSync(path, 'utf8').split('\n').slice(1).entries()) {
    if (line.trim() === '') continue
    const [query = '', document = '', grade] = line.split('\t')
    if (grade === undefined || !Number.isFinite(Number(grade))) {
      throw new Error(`${path}, line ${index + 2}: expected query-id, corpus-id and score, separated by tabs`)
    }
    if (Number(grade) <= 0) continue
    const ofQuery = grades.get(query) ?? new Map<string, number>()
    grades.set(query, ofQuery.set(document, Number(grade)))
  }
  return grades
}
