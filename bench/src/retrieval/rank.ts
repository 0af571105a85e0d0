import { Readable } from 'node:stream'
import { type Deps, ingest, parsePrompt, passageCondition, readLines, readQuestion, search } from '@extropy/api'
import { type DatabaseHandle, migrate } from '@extropy/db'
import type { Collection } from './collection.ts'

export const legs = ['word', 'vector', 'fused'] as const
export type Leg = (typeof legs)[number]

const urlOf = (id: string) => `https://collection.example/${encodeURIComponent(id)}`
const idOf = (url: string) => decodeURIComponent(url.slice('https://collection.example/'.length))

/** Ingests the documents; one without a text has its title for one. Returns how many passages they make. */
export async function ingestCollection(
  deps: Deps & { readonly database: DatabaseHandle },
  { documents }: Collection,
): Promise<number> {
  const lines = documents.map(({ id, title, text }) =>
    JSON.stringify({
      platform: 'web',
      source_url: urlOf(id),
      author: 'Collection',
      title: title.trim() || 'Untitled',
      body: text.trim() || title.trim() || 'Empty',
    }),
  )
  const report = await ingest(deps, readLines(Readable.from([Buffer.from(lines.join('\n'))])), {
    onReject: ({ line, field, reason }) => {
      throw new Error(`document ${line.number}: ${field} ${reason}`)
    },
  })
  await migrate(deps.database)
  return report.passages
}

/** The documents that answer a prompt, best first, by one leg alone or by both; folded ones right behind their like. */
export async function rankDocuments(deps: Deps, prompt: string, leg: Leg): Promise<string[]> {
  const { db, embedder, embeddingModel: model } = deps
  const { text, phrases, excluded } = parsePrompt(prompt)
  const { corpus, words, unknown } = await readQuestion(db, leg === 'vector' ? '' : text)
  const [vector] = leg === 'word' ? [] : await embedder.embed([text])
  const { results } = await search(db, {
    words,
    unknown,
    corpus,
    embedded: vector && { model, vector },
    vectorWeight: embedder.vectorWeight,
    condition: passageCondition({ phrases, excluded }, corpus.searchConfigs),
    nResults: 100,
    groupBy: 'content',
  })
  const ids = await readUrls(
    deps,
    results.flatMap(({ content, alsoIn }) => [content.id, ...alsoIn.map((also) => also.contentId)]),
  )
  return [...new Set(ids)]
}

async function readUrls({ db }: Deps, contentIds: readonly string[]): Promise<string[]> {
  if (contentIds.length === 0) return []
  const rows = await db.selectFrom('contents').select(['id', 'sourceUrl']).where('id', 'in', contentIds).execute()
  const urls = new Map(rows.map((row) => [row.id, row.sourceUrl]))
  return contentIds.flatMap((id) => urls.get(id) ?? []).map(idOf)
}
