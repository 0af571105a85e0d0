import { efSearch, findFew, passageCondition, searchExactly, searchVectors, walkIndex } from '@extropy/api'
import type { BenchCase } from '../bench-case.ts'
import type { GoalName } from '../goals.ts'
import { mean, median, quantile } from '../ratio.ts'
import { record, recordData } from '../results.ts'
import { keptShares, withPassages } from '../retrieval/passages.ts'
import { table } from '../table.ts'

type Condition = ReturnType<typeof passageCondition>
type Hit = { readonly chunkId: number }

/**
 * Recall@10 of the vector leg: the share of the ten truly nearest passages that it finds, at several ef_search, and as a
 * search uses it under filters. `--database URL`: fill and keep this database.
 */
export const bench: BenchCase = {
  needs: ['TEST_DATABASE_URL'],
  title: 'recall@10 of the vector index against exact search',
  async run({ quick, database }) {
    const passages = quick ? 10_000 : 100_000
    await withPassages(passages, database, async ({ db, embedder, embeddingModel: model }, prompts) => {
      const embedded = await embedder.embed(prompts.slice(0, quick ? 50 : 200))
      const vectors = embedded.filter((vector) => vector !== undefined)
      recordData(`${passages} passages, ${vectors.length} prompts, ${model.name}`)
      const nearestUnder = async (condition: Condition) => {
        const nearest: Set<number>[] = []
        for (const vector of vectors) {
          const hits = await searchExactly(db, { model, vector }, { condition, limit: 10 })
          nearest.push(new Set(hits.map((hit) => hit.chunkId)))
        }
        return nearest
      }
      const rows: string[][] = []
      const measure = async (
        contender: string,
        nearest: readonly Set<number>[],
        goals: readonly GoalName[],
        find: (vector: Float32Array) => Promise<readonly Hit[]>,
      ) => {
        const [recalls, samples]: [number[], number[]] = [[], []]
        for (const [n, vector] of vectors.entries()) {
          const startedAt = performance.now()
          const found = await find(vector)
          samples.push(performance.now() - startedAt)
          const wanted = nearest[n] ?? new Set()
          recalls.push(found.slice(0, 10).filter((hit) => wanted.has(hit.chunkId)).length / wanted.size)
        }
        const [recall, p50] = [mean(recalls), median(samples)]
        const measured = { suite: 'recall', contender }
        record({ ...measured, name: 'recall@10', unit: 'share', value: recall, samples: recalls, goals })
        record({ ...measured, name: 'latency', unit: 'ms', value: p50, samples })
        rows.push([contender, recall.toFixed(4), p50.toFixed(1), quantile(samples, 0.99).toFixed(1)])
      }

      const unfiltered = await nearestUnder(undefined)
      for (const tried of [40, 100, 120, 150, 200, 300, 400]) {
        const options = { condition: undefined, limit: 10, efSearch: tried, iterate: false }
        await measure(`ef_search ${tried}`, unfiltered, [], (vector) => walkIndex(db, { model, vector }, options))
      }
      for (const share of [undefined, ...keptShares]) {
        const condition = share ? passageCondition({ tags: [`one in ${share}`] }, ['english']) : undefined
        await measure(
          `as in a search, ${share ? `${100 / share} % kept` : 'no filter'}`,
          share ? await nearestUnder(condition) : unfiltered,
          [share ? 'recall@10 where 0.1, 1 and 10 % are kept' : 'recall@10, 100,000 passages, no filter'],
          async (vector) => {
            const few = await findFew(db, { model, vector }, condition)
            return (await searchVectors(db, { model, vector }, few, { condition, limit: 100, efSearch })).hits
          },
        )
      }
      process.stdout.write(table(['', 'recall@10', 'p50 ms', 'p99 ms'], rows))
    })
  },
}
