import { createLocalEmbedder } from '@extropy/api'
import pg from 'pg'
import type { BenchCase } from '../bench-case.ts'
import { withDatabase } from '../databases.ts'
import { withCpuTime } from '../load.ts'
import { mean, median, quantile, slope } from '../ratio.ts'
import { record, recordData } from '../results.ts'
import { mixedVectors } from '../retrieval/mixed-vectors.ts'
import { table } from '../table.ts'

const dimension = 384
const months = 10
const batchSize = 1_000
/** The first as the product builds its index (decision 42); a graph over signs is small only with fewer neighbours. */
const builds = { half: '(m = 32, ef_construction = 256)', signs: '(m = 16, ef_construction = 128)' }
const bits = `((binary_quantize(embedding)::bit(${dimension})) bit_hamming_ops)`

/** A way to ask for the ten nearest, and the name of the vector's parameter in it is $1. */
interface Way {
  readonly name: string
  readonly at: number
  readonly efSearch: number
  readonly sql: string
}

/**
 * The road to ten million passages: today's index over half-precision vectors beside one over their signs whose candidates
 * are compared exactly, at two sizes, and the same in months, with recall@10, latency of one caller, size and build time.
 */
export const bench: BenchCase = {
  needs: ['TEST_DATABASE_URL'],
  title: 'vectors of 384 dimensions: half precision, signs with an exact comparison, months',
  async run({ quick }) {
    const count = quick ? 10_000 : 40_000
    const sizes = [count / 4, count]
    await withDatabase(process.env.TEST_DATABASE_URL as string, 'vectors', async (url) => {
      const client = new pg.Client(url)
      await client.connect()
      try {
        const questions = await fill(client, count, quick ? 50 : 100)
        await measure(client, sizes, questions)
      } finally {
        await client.end()
      }
    })
  },
}

async function fill(client: pg.Client, count: number, asked: number): Promise<string[]> {
  const embedder = await createLocalEmbedder()
  const { vectors, titles } = await mixedVectors(embedder)
  await client.query(`create extension if not exists vector`)
  for (const name of ['whole', 'by_month']) {
    const split = name === 'whole' ? '' : 'partition by list (month)'
    await client.query(`create table ${name} (id int, month int, embedding halfvec(${dimension})) ${split}`)
  }
  for (let month = 0; month < months; month++) {
    await client.query(`create table by_month_${month} partition of by_month for values in (${month})`)
  }
  for (let first = 0; first < count; first += batchSize) {
    const batch = Array.from({ length: batchSize }, () => literal(vectors()))
    await client.query(
      `insert into whole select $2 + n, ($2 + n) % ${months}, vector::halfvec from unnest($1::text[]) with ordinality as v (vector, n)`,
      [batch, first - 1],
    )
  }
  await client.query('insert into by_month select * from whole')
  await client.query('vacuum analyze')
  const embedded = await embedder.embed(titles.slice(0, asked))
  await embedder.close()
  const questions = embedded.flatMap((vector) => (vector === undefined ? [] : [literal(vector)]))
  recordData(`${count} vectors of ${dimension} dimensions, ${questions.length} prompts, ${embedder.model}`)
  return questions
}

async function measure(client: pg.Client, sizes: readonly number[], questions: readonly string[]): Promise<void> {
  await client.query(`set maintenance_work_mem = '512MB'`)
  const rows: string[][] = []
  const costs = new Map<string, [size: number, cost: number][]>()
  for (const size of sizes) {
    const nearest = await exactly(client, size, questions)
    for (const kind of ['half', 'signs'] as const) {
      const index = `${kind}_${size}`
      const over = kind === 'half' ? '(embedding halfvec_cosine_ops)' : bits
      const built = await timed(() =>
        client.query(`create index ${index} on whole using hnsw ${over} with ${builds[kind]} where id < ${size}`),
      )
      const bytes = await sizeOf(client, [index])
      record({
        suite: 'vectors',
        name: 'index size',
        contender: kind,
        unit: 'bytes a vector',
        value: bytes / size,
        at: size,
        atUnit: 'vectors',
      })
      record({
        suite: 'vectors',
        name: 'index build',
        contender: kind,
        unit: 's',
        value: built / 1000,
        at: size,
        atUnit: 'vectors',
      })
      for (const way of waysOf(kind, size)) {
        const figures = await ask(client, way, nearest, questions)
        costs.set(way.name, [...(costs.get(way.name) ?? []), [size, Number(figures[3])]])
        rows.push([`${size}`, way.name, ...figures, (bytes / size).toFixed(0), (built / 1000).toFixed(1)])
      }
      await client.query(`drop index ${index}`)
    }
  }
  const last = sizes.at(-1) as number
  await client.query(`create index by_month_signs on by_month using hnsw ${bits} with ${builds.signs}`)
  const nearest = await exactly(client, last, questions)
  for (const way of [200, 400].map((candidates) =>
    reranked('by_month', 'true', last, candidates, `${months} months, all asked, ${candidates} candidates of all`),
  )) {
    rows.push([`${last}`, way.name, ...(await ask(client, way, nearest, questions)), '', ''])
  }
  const ofMonth = await exactly(client, last, questions, 'month = 3')
  const way = reranked('by_month', 'month = 3', last, 400, `${months} months, one asked, 400 candidates`)
  rows.push([`${last}`, way.name, ...(await ask(client, way, ofMonth, questions)), '', ''])
  const header = ['vectors', 'way', 'recall@10', 'p50 ms', 'p99 ms', 'CPU ms', 'index B/vector', 'build s']
  process.stdout.write(table(header, rows))
  const growth = [...costs].map(([name, points]) => [name, slope(points).toFixed(2)])
  process.stdout.write(`\nCPU time grows as size to the power of\n${table(['way', 'power'], growth)}`)
}

function waysOf(kind: 'half' | 'signs', size: number): Way[] {
  const where = `id < ${size}`
  if (kind === 'half') {
    return [120, 400].map((efSearch) => ({
      name: `half precision, ef_search ${efSearch}`,
      at: size,
      efSearch,
      sql: `select id from whole where ${where} order by embedding <=> $1::halfvec(${dimension}) limit 10`,
    }))
  }
  return [100, 200, 400, 800].map((candidates) =>
    reranked('whole', where, size, candidates, `signs, ${candidates} candidates compared`),
  )
}

function reranked(from: string, where: string, at: number, candidates: number, name: string): Way {
  const near = `binary_quantize(embedding)::bit(${dimension}) <~> binary_quantize($1::halfvec(${dimension}))::bit(${dimension})`
  return {
    name,
    at,
    efSearch: candidates,
    sql: `select id from (select id, embedding from ${from} where ${where} order by ${near} limit ${candidates}) as near
          order by embedding <=> $1::halfvec(${dimension}) limit 10`,
  }
}

async function exactly(
  client: pg.Client,
  size: number,
  questions: readonly string[],
  where = 'true',
): Promise<Set<number>[]> {
  const nearest: Set<number>[] = []
  await client.query('set enable_indexscan = off')
  for (const question of questions) {
    const { rows } = await client.query<{ id: number }>(
      `select id from whole where id < ${size} and ${where} order by embedding <=> $1::halfvec(${dimension}) limit 10`,
      [question],
    )
    nearest.push(new Set(rows.map(({ id }) => id)))
  }
  await client.query('reset enable_indexscan')
  return nearest
}

async function ask(client: pg.Client, way: Way, nearest: readonly Set<number>[], questions: readonly string[]) {
  await client.query(`set hnsw.ef_search = ${way.efSearch}`)
  // Whatever the planner thinks of a small table: the index is what is measured.
  await client.query('set enable_seqscan = off')
  await client.query('set plan_cache_mode = force_generic_plan')
  const { rows: plan } = await client.query<{ 'QUERY PLAN': string }>(
    `explain ${way.sql.replaceAll('$1', `'${questions[0]}'`)}`,
  )
  if (!plan.some((line) => /Index Scan using/.test(line['QUERY PLAN'])))
    throw new Error(`${way.name}: no index is used`)
  const { rows: backend } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  const [recalls, samples]: [number[], number[]] = [[], []]
  const round = async (then: (ids: readonly number[], n: number, tookMs: number) => void) => {
    for (const [n, question] of questions.entries()) {
      const startedAt = performance.now()
      const { rows } = await client.query<{ id: number }>({
        name: `${way.name} ${way.at}`.slice(0, 63),
        text: way.sql,
        values: [question],
      })
      then(
        rows.map(({ id }) => id),
        n,
        performance.now() - startedAt,
      )
    }
  }
  await round(() => {})
  const [, cpu] = await withCpuTime(backend[0]?.pid, () =>
    round((ids, n, tookMs) => {
      samples.push(tookMs)
      recalls.push(ids.filter((id) => nearest[n]?.has(id)).length / 10)
    }),
  )
  const cpuMs = cpu === undefined ? Number.NaN : cpu / questions.length / 1000
  await client.query('reset enable_seqscan')
  const [recall, p50, p99] = [mean(recalls), median(samples), quantile(samples, 0.99)]
  const measured = { suite: 'vectors', contender: way.name, at: way.at, atUnit: 'vectors' }
  record({ ...measured, name: 'recall@10', unit: 'share', value: recall, samples: recalls })
  record({ ...measured, name: 'latency', unit: 'ms', value: p50, samples })
  if (cpu !== undefined) record({ ...measured, name: 'CPU time of the backend', unit: 'ms', value: cpuMs })
  process.stdout.write(
    `${way.at} ${way.name}: recall@10 ${recall.toFixed(4)}, p50 ${p50.toFixed(2)} ms, CPU ${cpuMs.toFixed(2)} ms\n`,
  )
  return [recall.toFixed(4), p50.toFixed(2), p99.toFixed(2), cpuMs.toFixed(2)] as const
}

async function sizeOf(client: pg.Client, names: readonly string[]): Promise<number> {
  const { rows } = await client.query<{ bytes: string }>(
    'select sum(pg_relation_size(name::regclass)) as bytes from unnest($1::text[]) as name',
    [names],
  )
  return Number(rows[0]?.bytes)
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

const literal = (vector: Float32Array): string => `[${vector.join(',')}]`
