import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { z } from 'zod'

const ArticleRow = z.object({ id: z.string(), url: z.string(), gold: z.string(), html: z.string() })
const name = z.string().nullish()
const Metadata = z.object({ title: name, byline: name, lang: name, siteName: name, publishedTime: name })
const FeedRow = z.object({
  file: z.string(),
  must: z.enum(['parse', 'reject', 'either']).default('parse'),
  well_formed: z.boolean().optional(),
  entries: z.number().optional(),
  first_title: name,
  first_entry_title: name,
})

export type ArticleRow = z.infer<typeof ArticleRow>
export type FeedRow = z.infer<typeof FeedRow> & { readonly bytes: Buffer }

const jsonLines = <Row>(folder: string, row: z.ZodType<Row>): Row[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.jsonl.gz'))
    .flatMap((file) =>
      gunzipSync(readFileSync(join(folder, file)))
        .toString()
        .split('\n'),
    )
    .filter((line) => line !== '')
    .map((line) => row.parse(JSON.parse(line)))

/** `*.jsonl.gz` of {id, url, gold, html}. @throws where a row has other fields */
export const readArticles = (folder: string): ArticleRow[] => jsonLines(folder, ArticleRow)

/** Folders of source.html, expected.html and expected-metadata.json. */
export function readPages(folder: string) {
  return readdirSync(folder)
    .filter((each) => existsSync(join(folder, each, 'source.html')))
    .map((each) => {
      const read = (file: string) => readFileSync(join(folder, each, file))
      const metadata = Metadata.parse(JSON.parse(read('expected-metadata.json').toString()))
      return { name: each, source: read('source.html'), expected: read('expected.html').toString(), metadata }
    })
}

/** Feeds with an index.json, or a `*.jsonl.gz` that names them. */
export function readFeeds(folder: string): FeedRow[] {
  const index = join(folder, 'index.json')
  const rows = existsSync(index)
    ? z.array(FeedRow).parse(JSON.parse(readFileSync(index, 'utf8')))
    : jsonLines(folder, FeedRow)
  return rows.map((row) => ({ ...row, bytes: readFileSync(join(folder, row.file)) }))
}
