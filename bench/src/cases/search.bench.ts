import { monitorEventLoopDelay } from 'node:perf_hooks'
import { efSearch, passageCondition, readCorpus, readQuestion, search, searchVectors, searchWords } from '@extropy/api'
import type { OpenDeps } from '@extropy/server/deps'
import type { BenchCase } from '../bench-case.ts'
import type { GoalName } from '../goals.ts'
import { underLoad } from '../load.ts'
import { record, recordData } from '../results.ts'
import { withPassages } from '../retrieval/passages.ts'
import { table } from '../table.ts'

const callers = 4

/**
 * A search's latency on PostgreSQL with the embedder left out, its parts, and the embedder by itself. The prompts are titles
 * of real posts. `--database URL`: fill and keep this database.
 */
export const bench: BenchCase = {
  needs: ['TEST_DATABASE_URL'],
  title: 'searches over 10,000 and 100,000 passages',
  async run({ quick, database }) {
    const seconds = quick ? 2 : 8
    for (const passages of quick ? [10_000] : database === undefined ? [10_000, 100_000] : [100_000]) {
      await withPassages(passages, database, async (deps, prompts) => {
        recordData(`${passages} passages, ${prompts.length} prompts`)
        await measureParts(deps, prompts, passages, seconds)
        await measureEmbedder(deps, prompts, seconds)
      })
    }
  },
}

/** The first size's medians, by part. */
const fewest = new Map<string, { readonly ratioTo: string; readonly p50Ms: number }>()

async function measureParts(
  { db, embedder, embeddingModel: model }: OpenDeps,
  prompts: readonly string[],
  passages: number,
  seconds: number,
): Promise<void> {
  const vectors = await embedder.embed(prompts)
  const corpus = await readCorpus(db)
  const words: Awaited<ReturnType<typeof readQuestion>>['words'][] = []
  for (const prompt of prompts) words.push((await readQuestion(db, prompt)).words)
  const condition = undefined
  const embeddedOf = (n: number) => vectors[n] && { model, vector: vectors[n] }
  const whole = async (n: number, kept: ReturnType<typeof passageCondition>) =>
    search(db, {
      ...(await readQuestion(db, prompts[n] ?? '')),
      embedded: embeddedOf(n),
      vectorWeight: embedder.vectorWeight,
      condition: kept,
      nResults: 10,
      groupBy: 'passage',
    })
  const onePercent = passageCondition({ tags: ['one in 100'] }, corpus.searchConfigs)
  const parts: Readonly<Record<string, (n: number) => Promise<unknown>>> = {
    'whole search': (n) => whole(n, undefined),
    'whole search, 1 % kept': (n) => whole(n, onePercent),
    'reading the words': (n) => readQuestion(db, prompts[n] ?? ''),
    'word leg': (n) => searchWords(db, words[n] ?? [], corpus, undefined, { condition, limit: 100 }),
    'vector leg': (n) => searchVectors(db, embeddedOf(n), undefined, { condition, limit: 100, efSearch }),
  }
  const promised: readonly GoalName[] = [
    'search, 100,000 passages, 4 callers: p50 ms',
    'search, 100,000 passages, 4 callers: p99 ms',
    'search: 100,000 passages / 10,000',
  ]
  const rows: string[][] = []
  for (const [name, run] of Object.entries(parts)) {
    const call = (n: number) => run(n % prompts.length)
    await underLoad(callers, 0.5, call)
    const { p50Ms: value, p99Ms, latenciesMs: samples, value: perSecond } = await underLoad(callers, seconds, call)
    const first = fewest.get(name)
    if (first === undefined) fewest.set(name, { ratioTo: `${passages} passages`, p50Ms: value })
    record({
      suite: 'search',
      name: `${name}, ${callers} callers`,
      contender: `${passages} passages`,
      unit: 'ms',
      value,
      samples,
      ...(first ? { ratioTo: first.ratioTo, ratio: value / first.p50Ms } : {}),
      goals: passages === 100_000 && name.startsWith('whole search') ? promised : [],
    })
    rows.push([name, value.toFixed(1), p99Ms.toFixed(1), perSecond.toFixed(0)])
  }
  process.stdout.write(`\n### ${passages} passages, ${callers} callers\n`)
  process.stdout.write(table(['', 'p50 ms', 'p99 ms', 'per s'], rows))
}

/** The event loop must stay free meanwhile: its delay is measured above the 10 ms of its own sampling. */
async function measureEmbedder({ embedder }: OpenDeps, prompts: readonly string[], seconds: number): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 10 })
  delay.enable()
  const { p50Ms, latenciesMs: samples } = await underLoad(callers, seconds, (n) =>
    embedder.embed([prompts[n % prompts.length] ?? '']),
  )
  delay.disable()
  const lagMs = Math.max(0, delay.percentile(99) / 1e6 - 10)
  const measured = { suite: 'search', contender: 'local embedder', unit: 'ms' }
  record({ ...measured, name: 'embedding a prompt', value: p50Ms, samples })
  const goals: GoalName[] = ['event loop delay while embedding: ms']
  record({ ...measured, name: 'event loop delay while embedding, p99', value: lagMs, goals })
  process.stdout.write(
    `embedding a prompt, ${callers} callers: p50 ${p50Ms.toFixed(2)} ms; event loop delayed by ${lagMs.toFixed(1)} ms (p99)\n`,
  )
}
