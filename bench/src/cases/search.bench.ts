import { monitorEventLoopDelay } from 'node:perf_hooks'
import {
  efSearch,
  passageCondition,
  type QueryWord,
  readCorpus,
  readQuestion,
  search,
  searchVectors,
  searchWords,
} from '@extropy/api'
import type { OpenDeps } from '@extropy/server/deps'
import type { BenchCase } from '../bench-case.ts'
import { quantile } from '../quantiles.ts'
import { record, recordData } from '../results.ts'
import { withPassages } from '../retrieval/with-passages.ts'
import { table } from '../table.ts'

const callers = 4

/**
 * A search's latency on PostgreSQL with the embedder left out, its parts, and the embedder by itself. The prompts are titles
 * of real posts. `--database URL`: fill and keep this database.
 */
export const bench: BenchCase = {
  needs: ['TEST_DATABASE_URL'],
  title: 'searches over 10,000 and 100,000 passages',
  async run({ quick, options }) {
    for (const passages of quick || options.database ? [quick ? 10_000 : 100_000] : [10_000, 100_000]) {
      await withPassages(passages, options.database, async (deps, { prompts }) => {
        process.stdout.write(`${passages} passages, ${callers} callers, ${prompts.length} prompts\n`)
        process.stdout.write(table(['', 'p50 ms', 'p99 ms', 'per s'], await measureParts(deps, prompts, passages)))
        process.stdout.write(await measureEmbedder(deps, prompts))
      })
    }
  },
}

async function measureParts(
  { db, embedder, embeddingModel: model }: OpenDeps,
  prompts: readonly string[],
  passages: number,
) {
  recordData(`${passages} passages, ${prompts.length} prompts`)
  const vectors = await embedder.embed(prompts)
  const corpus = await readCorpus(db)
  const words: (readonly QueryWord[])[] = []
  for (const prompt of prompts) words.push((await readQuestion(db, prompt)).words)
  const condition = undefined
  const embeddedOf = (n: number) => vectors[n] && { model, vector: vectors[n] }
  const whole = async (n: number, kept: ReturnType<typeof passageCondition>) => {
    await search(db, {
      ...(await readQuestion(db, prompts[n] ?? '')),
      embedded: embeddedOf(n),
      vectorWeight: embedder.vectorWeight,
      condition: kept,
      nResults: 10,
      groupBy: 'passage',
    })
  }
  const parts: [string, (n: number) => Promise<unknown>][] = [
    ['whole search', (n) => whole(n, undefined)],
    ['whole search, 1 % kept', (n) => whole(n, passageCondition({ tags: ['one in 100'] }, corpus.searchConfigs))],
    ['reading the words', (n) => readQuestion(db, prompts[n] ?? '')],
    ['word leg', (n) => searchWords(db, words[n] ?? [], corpus, undefined, { condition, limit: 100 })],
    ['vector leg', (n) => searchVectors(db, embeddedOf(n), undefined, { condition, limit: 100, efSearch })],
  ]
  const rows: string[][] = []
  for (const [name, run] of parts) {
    for (let n = 0; n < 50; n++) await run(n % prompts.length)
    const { latenciesMs, perSecond } = await load(prompts.length, run)
    record({
      suite: 'search',
      name: `${name}, ${callers} callers`,
      contender: `${passages} passages`,
      unit: 'ms',
      value: quantile(latenciesMs, 0.5),
      samples: latenciesMs,
      ...comparedWithFewest(name, passages, quantile(latenciesMs, 0.5)),
      at: passages,
      atUnit: 'passages',
    })
    rows.push([name, ...[0.5, 0.99].map((q) => quantile(latenciesMs, q).toFixed(1)), perSecond.toFixed(0)])
  }
  return rows
}

async function load(count: number, run: (n: number) => Promise<unknown>) {
  const latenciesMs: number[] = []
  let next = 0
  const startedAt = performance.now()
  const caller = async () => {
    for (let n = next++; n < count; n = next++) {
      const sentAt = performance.now()
      await run(n)
      latenciesMs.push(performance.now() - sentAt)
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  return { latenciesMs, perSecond: (count / (performance.now() - startedAt)) * 1000 }
}

/** The event loop must stay free meanwhile: its delay is measured above the 10 ms of its own sampling. */
async function measureEmbedder({ embedder }: OpenDeps, prompts: readonly string[]): Promise<string> {
  const delay = monitorEventLoopDelay({ resolution: 10 })
  delay.enable()
  const { latenciesMs } = await load(prompts.length, (n) => embedder.embed([prompts[n] ?? '']))
  delay.disable()
  const [p50, p99] = [0.5, 0.99].map((q) => quantile(latenciesMs, q).toFixed(2))
  const lag = Math.max(0, delay.percentile(99) / 1e6 - 10).toFixed(1)
  const measured = { suite: 'search', contender: 'local embedder', unit: 'ms' }
  record({ ...measured, name: 'embedding a prompt', value: quantile(latenciesMs, 0.5), samples: latenciesMs })
  record({ ...measured, name: 'event loop delay while embedding, p99', value: Number(lag) })
  return `embedding a prompt, ${callers} callers: p50 ${p50} ms, p99 ${p99} ms; event loop delayed by ${lag} ms (p99)\n`
}

/** The first size's medians, by part. */
const fewest = new Map<string, { passages: number; p50Ms: number }>()

function comparedWithFewest(name: string, passages: number, p50Ms: number) {
  const first = fewest.get(name)
  if (first === undefined) {
    fewest.set(name, { passages, p50Ms })
    return {}
  }
  return { ratioTo: `${first.passages} passages`, ratio: p50Ms / first.p50Ms }
}
