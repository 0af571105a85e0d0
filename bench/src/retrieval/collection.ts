import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { z } from 'zod'

const text = z.union([z.string(), z.number()]).transform(String)
const Document = z.object({ id: text, title: text.default(''), text })
const Query = z.object({ id: text, text })

/** A retrieval test collection: documents, queries, and which document answers which query how well. */
export interface Collection {
  readonly documents: readonly z.infer<typeof Document>[]
  /** Only those that somebody has judged. */
  readonly queries: readonly z.infer<typeof Query>[]
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
  const jsonLines = <Row>(name: string, row: z.ZodType<Row>) => {
    const path = join(folder, name)
    return readLines(path, gunzipSync(readFileSync(path)).toString(), 1, (line) => row.parse(JSON.parse(line)))
  }
  const documents = jsonLines('docs.jsonl.gz', Document)
  const queries = jsonLines('queries.jsonl.gz', Query)
  const grades = new Map<string, Map<string, number>>()
  const judged = join(folder, 'qrels.tsv')
  readLines(judged, readFileSync(judged, 'utf8').replace(/^.*\n/, ''), 2, (line) => {
    const [query, document, grade] = z.tuple([z.string(), z.string(), z.coerce.number()]).parse(line.split('\t'))
    if (grade > 0) grades.set(query, (grades.get(query) ?? new Map()).set(document, grade))
  })
  return { documents, queries: queries.filter(({ id }) => grades.has(id)), grades }
}

function readLines<Row>(path: string, lines: string, first: number, parse: (line: string) => Row): Row[] {
  return lines.split('\n').flatMap((line, at) => {
    if (line.trim() === '') return []
    try {
      return [parse(line)]
    } catch (error) {
      throw new Error(`${path}, line ${first + at}: ${(error as Error).message}`)
    }
  })
}
