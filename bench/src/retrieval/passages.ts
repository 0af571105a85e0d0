import { createReadStream } from 'node:fs'
import { chunkText, type Deps, embeddingText, readLines } from '@extropy/api'
import { type DatabaseHandle, migrate } from '@extropy/db'
import { bundledSample, bundledVectors, type OpenDeps, openDeps, parseConfig, readVectors } from '@extropy/server/deps'
import { sql } from 'kysely'
import { withDatabase } from '../databases.ts'
import { seeded } from '../ratio.ts'
import { skip } from '../results.ts'

const batchSize = 500
/** Tags that keep every so-many-th passage: the filters that recall is measured under. */
export const keptShares = [1000, 100, 10] as const

/**
 * Runs `body` on a PostgreSQL database with so many passages, and titles of real posts to ask with: the one that `url`
 * names, which stays, or a new one on TEST_DATABASE_URL's server, which goes.
 */
export async function withPassages(
  count: number,
  url: string | undefined,
  body: (deps: OpenDeps, prompts: readonly string[]) => Promise<void>,
): Promise<void> {
  const run = async (DATABASE_URL: string) => {
    const deps = await openDeps(parseConfig({ ...process.env, DATABASE_URL }))
    try {
      await body(deps, await fillPassages(deps, count))
    } finally {
      await deps.close()
    }
  }
  if (url !== undefined) return run(url)
  const serverUrl = process.env.TEST_DATABASE_URL
  if (!serverUrl) return skip(`${count} passages`, 'needs PostgreSQL: set TEST_DATABASE_URL')
  await withDatabase(serverUrl, 'passages', run)
}

/**
 * Fills a database with passages that are like real ones: each is made of sentences of three of the sample's posts. Its vector
 * is the mean of one passage's of each, which the local embedder has made before: 100,000 would take it hours. Another
 * embedder makes them itself. A database that has as many already is left as it is. Returns the posts' titles.
 */
export async function fillPassages(
  { db, embedder, embeddingModel, database }: Deps & { readonly database: DatabaseHandle },
  count: number,
): Promise<readonly string[]> {
  const known = readVectors(bundledVectors, embedder.model, embedder.dimension)
  const posts: { title: string; sentences: string[]; vectors: Float32Array[] }[] = []
  for await (const line of readLines(createReadStream(bundledSample))) {
    const { title, body } = JSON.parse(line.text ?? '') as { title: string; body: string }
    const vectors = chunkText(body).flatMap((passage) => known.find(embeddingText(title, passage)) ?? [])
    if (known.size > 0 && vectors.length === 0) continue
    posts.push({ title, vectors, sentences: body.split(/(?<=[.!?])\s+/).filter((sentence) => /\w{3}/.test(sentence)) })
  }
  const random = seeded(7)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
  const passageOf = (number: number) => {
    const mixed = [pick(posts), pick(posts), pick(posts)]
    const text = mixed.flatMap((post) => Array.from({ length: 4 }, () => pick(post.sentences) ?? '')).join(' ')
    const tags = keptShares.filter((share) => number % share === 0).map((share) => `one in ${share}`)
    const vector = known.size > 0 ? sumOf(mixed.map(({ vectors }) => pick(vectors))) : undefined
    return { title: mixed[0]?.title ?? '', text: text.slice(0, 1500), tags: JSON.stringify(tags), vector }
  }
  const prepare = async (first: number) => {
    const size = Math.max(0, Math.min(batchSize, count - first))
    const passages = Array.from({ length: size }, (_, n) => passageOf(first + n))
    if (known.size > 0) return { passages, vectors: passages.map(({ vector }) => vector) }
    return { passages, vectors: await embedder.embed(passages.map(({ title, text }) => embeddingText(title, text))) }
  }
  const insert = ({ passages, vectors }: Awaited<ReturnType<typeof prepare>>) =>
    sql`
      with passage as materialized (
        select gen_random_uuid() as content_id, p.*
        from unnest(${passages.map((p) => p.title)}::text[], ${passages.map((p) => p.text)}::text[],
                    ${passages.map((p) => p.tags)}::jsonb[],
                    ${vectors.map((vector) => vector && `[${vector.join(',')}]`)}::text[]) as p (title, text, tags, vector)
      ),
      content as (
        insert into contents (id, platform, source_url, author, title, body, content_hash, embedding_model_id)
        select content_id, 'web', 'https://example.org/' || content_id, 'A', title, '', '', ${embeddingModel.id} from passage
        returning id
      )
      insert into content_chunks (content_id, ordinal, text, search_vector, embedding, embedding_model_id, platform,
                                  author_ids, tags)
      select content_id, 0, text, setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', text), 'D'),
             vector::halfvec, ${embeddingModel.id}::smallint, 'web', '{}',
             array(select jsonb_array_elements_text(tags))
      from passage join content on content.id = content_id`.execute(db)

  const { count: present } = await db
    .selectFrom('contentChunks')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow()
  if (Number(present) < count) await dropVectorIndexes(db)
  let batch = await prepare(Number(present))
  for (let first = Number(present); first < count; first += batchSize) {
    // The next batch's vectors are made while PostgreSQL works on this one.
    const [next] = await Promise.all([prepare(first + batchSize), insert(batch)])
    batch = next
  }
  await migrate(database)
  await sql`vacuum analyze`.execute(db)
  return posts.map(({ title }) => title)
}

function sumOf([first = new Float32Array(), ...others]: readonly Float32Array[]): Float32Array {
  return first.map((component, at) => others.reduce((sum, other) => sum + (other[at] ?? 0), component))
}

/** To build one over all passages, as `migrate` does at the end, takes a fraction of what adding them one by one does. */
async function dropVectorIndexes(db: Deps['db']): Promise<void> {
  const { rows } = await sql<{ name: string }>`
    select i.relname as name from pg_class i join pg_am on pg_am.oid = i.relam
    where pg_am.amname = 'hnsw' and i.relkind = 'i' and i.relnamespace = current_schema()::regnamespace`.execute(db)
  for (const { name } of rows) await sql`drop index ${sql.id(name)}`.execute(db)
}
