import { efSearch, findFew, passageCondition, searchExactly, searchVectors, walkIndex } from '@extropy/api'
import type { BenchCase } from '../bench-case.ts'
import { quantile } from '../quantiles.ts'
import { record, recordData } from '../results.ts'
import { keptShares } from '../retrieval/many-passages.ts'
import { withPassages } from '../retrieval/with-passages.ts'
import { table } from '../table.ts'

const target = 0.98

type Condition = ReturnType<typeof passageCondition>
type Hit = { readonly chunkId: number }

/**
 * Recall@10 of the vector leg: the share of the ten truly nearest passages that it finds, at several ef_search, and as a
 * search uses it under filters. `--database URL`: fill and keep this database.
 */
export const bench: BenchCase = {
  needs: ['TEST_DATABASE_URL'],
  title: 'recall@10 of the vector index against exact search',
  async run({ quick, options }) {
    const passages = quick ? 10_000 : 100_000
    await withPassages(passages, options.database, async ({ db, embedder, embeddingModel: model }, { prompts }) => {
      const vectors = (await embedder.embed(prompts.slice(0, quick ? 50 : 200))).filter(
        (vector) => vector !== undefined,
      )
      const truthUnder = async (condition: Condition) => {
        const truth: Set<number>[] = []
        for (const vector of vectors) {
          const hits = await searchExactly(db, { model, vector }, { condition, limit: 10 })
          truth.push(new Set(hits.map((hit) => hit.chunkId)))
        }
        return truth
      }
      const measure = async (
        contender: string,
        truth: readonly Set<number>[],
        find: (vector: Float32Array) => Promise<readonly Hit[]>,
      ) => {
        const recalls: number[] = []
        const latenciesMs: number[] = []
        for (const [n, vector] of vectors.entries()) {
          const nearest = truth[n] ?? new Set()
          const startedAt = performance.now()
          const found = await find(vector)
          latenciesMs.push(performance.now() - startedAt)
          recalls.push(found.slice(0, 10).filter((hit) => nearest.has(hit.chunkId)).length / nearest.size)
        }
        const mean = recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length
        const [p50 = '', p99 = ''] = [0.5, 0.99].map((q) => quantile(latenciesMs, q).toFixed(1))
        record({ suite: 'recall', name: 'recall@10', contender, unit: 'share', value: mean, samples: recalls })
        record({
          suite: 'recall',
          name: 'latency',
          contender,
          unit: 'ms',
          value: quantile(latenciesMs, 0.5),
          samples: latenciesMs,
        })
        return { mean, cells: [mean.toFixed(4), p50, p99] }
      }

      recordData(`${passages} passages, ${vectors.length} prompts, ${model.name}`)
      const rows: string[][] = []
      let chosen: number | undefined
      const truth = await truthUnder(undefined)
      for (const tried of [40, 100, 120, 150, 200, 300, 400]) {
        const { mean, cells } = await measure(`ef_search ${tried}`, truth, (vector) =>
          walkIndex(db, { model, vector }, { condition: undefined, limit: 10, efSearch: tried, iterate: false }),
        )
        if (mean >= target) chosen ??= tried
        rows.push([`ef_search ${tried}`, ...cells])
      }
      for (const share of [undefined, ...keptShares]) {
        const condition = share ? passageCondition({ tags: [`one in ${share}`] }, ['english']) : undefined
        const { cells } = await measure(
          asInSearch(share),
          share ? await truthUnder(condition) : truth,
          async (vector) => {
            const few = await findFew(db, { model, vector }, condition)
            return (await searchVectors(db, { model, vector }, few, { condition, limit: 100, efSearch })).hits
          },
        )
        rows.push([asInSearch(share), ...cells])
      }
      process.stdout.write(`${passages} passages, ${vectors.length} prompts, ${model.name}\n`)
      process.stdout.write(table(['', 'recall@10', 'p50 ms', 'p99 ms'], rows))
      process.stdout.write(`Smallest ef_search with recall@10 of ${target}: ${chosen ?? 'none of these'}\n`)
    })
  },
}

function asInSearch(share: number | undefined): string {
  return `as in a search, ${share ? `${100 / share} % kept` : 'no filter'}`
}
