import { Readable } from 'node:stream'
import {
  type Deps,
  embedPassages,
  ingest,
  parsePrompt,
  passageCondition,
  readLines,
  readQuestion,
  search,
  searchExactly,
} from '@extropy/api'
import { type DatabaseHandle, migrate } from '@extropy/db'
import { sql } from 'kysely'
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
  await embedPassages(deps)
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

/** k of Cormack, Clarke and Buettcher (SIGIR 2009). */
const rankOffset = 60
/** As many as a search of ours takes from each leg for a hundred results. */
const perLeg = 200

/**
 * The recipe of pgvector's own examples, and most others: the reciprocal ranks of PostgreSQL's full-text search and of the
 * vectors added up, both legs alike. Generous where that asks for all words: any of them will do here.
 */
export async function rankByReciprocalRanks(deps: Deps, prompt: string): Promise<string[]> {
  const { db, embedder, embeddingModel: model } = deps
  const [vector] = await embedder.embed([prompt])
  const nearest = vector ? await searchExactly(db, { model, vector }, { condition: undefined, limit: perLeg }) : []
  const { rows } = await sql<{ id: string }>`
    with question as (
      select string_agg(quote_literal(lexeme), ' | ')::tsquery as words from unnest(to_tsvector('english', ${prompt}))
    ),
    found as (
      select id from content_chunks, question where search_vector @@ words
      order by ts_rank(search_vector, words) desc, id limit ${perLeg}
    ),
    ranked as (
      select id, row_number() over () as rank from found
      union all
      select * from unnest(${nearest.map(({ chunkId }) => chunkId)}::int[]) with ordinality
    ),
    passage as (select id, sum(1.0 / (${rankOffset}::int + rank)) as score from ranked group by id)
    select content_id as id from passage join content_chunks using (id)
    group by content_id order by max(score) desc, content_id limit 100`.execute(db)
  return readUrls(
    deps,
    rows.map(({ id }) => id),
  )
}

async function readUrls({ db }: Deps, contentIds: readonly string[]): Promise<string[]> {
  if (contentIds.length === 0) return []
  const rows = await db.selectFrom('contents').select(['id', 'sourceUrl']).where('id', 'in', contentIds).execute()
  const urls = new Map(rows.map((row) => [row.id, row.sourceUrl]))
  return contentIds.flatMap((id) => urls.get(id) ?? []).map(idOf)
}
