import { basename, join } from 'node:path'
import { openDeps, parseConfig } from '@extropy/server/deps'
import { BadCallError, type BenchCase } from '../bench-case.ts'
import { withFolder } from '../databases.ts'
import type { GoalName } from '../goals.ts'
import { bootstrap, mean } from '../ratio.ts'
import { record, recordData, skip } from '../results.ts'
import { type Collection, readCollection } from '../retrieval/collection.ts'
import { metrics, type Scores, score } from '../retrieval/metrics.ts'
import { ingestCollection, legs, rankByReciprocalRanks, rankDocuments } from '../retrieval/rank.ts'
import { table } from '../table.ts'

/**
 * Ingests a test collection as any content and asks its queries as any prompt, with the embedder that the environment
 * configures. `--collection DIR`: docs.jsonl.gz, queries.jsonl.gz and qrels.tsv. DATABASE_URL is left alone: the collection goes
 * into an embedded database of its own.
 */
export const bench: BenchCase = {
  title: 'how well searches find what people judged relevant',
  async run({ collection: directory }) {
    if (directory === undefined) return skip('retrieval', 'give a test collection with --collection DIR')
    const collection = openCollection(directory)
    await withFolder(async (folder) => {
      const deps = await openDeps(parseConfig({ ...process.env, DATABASE_URL: join(folder, 'data') }))
      try {
        const passages = await ingestCollection(deps, collection)
        const { documents, queries, grades } = collection
        const size = `${documents.length} documents, ${passages} passages, ${queries.length} judged queries`
        recordData(size)
        process.stdout.write(`${directory}: ${size}; embedder ${deps.embedder.model}\n`)
        const scores: Record<Contender, Scores[]> = { word: [], vector: [], fused: [], [peer]: [] }
        for (const { id, text } of queries) {
          const judged = grades.get(id) ?? new Map()
          for (const leg of legs) scores[leg].push(score(await rankDocuments(deps, text, leg), judged))
          scores[peer].push(score(await rankByReciprocalRanks(deps, text), judged))
        }
        report(basename(directory), scores)
      } finally {
        await deps.close()
      }
    })
  },
}

function openCollection(directory: string): Collection {
  try {
    return readCollection(directory)
  } catch (error) {
    throw new BadCallError(`${directory} is not a test collection: ${(error as Error).message}`)
  }
}

const peer = 'RRF of ts_rank and the same vectors'
const contenders = [...legs, peer] as const
type Contender = (typeof contenders)[number]
const difference = 'fused - word'
/** By the collection, the contender and the metric. */
const goals: Readonly<Record<string, readonly GoalName[]>> = {
  'cranfield word nDCG@10': ['Cranfield, word leg: nDCG@10'],
  'cisi word nDCG@10': ['CISI, word leg: nDCG@10'],
  'cranfield fused nDCG@10': ['Cranfield, fused: nDCG@10'],
  'cisi fused nDCG@10': ['CISI, fused: nDCG@10'],
  [`cranfield ${difference} nDCG@10`]: ['Cranfield, fused - word: low end of its interval'],
  [`cisi ${difference} nDCG@10`]: ['CISI, fused - word: low end of its interval'],
  [`cranfield ${difference} Recall@100`]: ['Cranfield, fused - word: Recall@100'],
  [`cisi ${difference} Recall@100`]: ['CISI, fused - word: Recall@100'],
}

function report(collection: string, scores: Readonly<Record<Contender, readonly Scores[]>>): void {
  const rows = [...contenders, difference, `fused - ${peer}`].map((contender) => [contender])
  for (const metric of metrics) {
    const of = (contender: Contender) => scores[contender].map((each) => each[metric])
    // Query by query: what is common to both, such as hard queries, does not blur the difference.
    const fusedMinus = (other: Contender) => {
      const others = of(other)
      return of('fused').map((each, at) => each - (others[at] ?? 0))
    }
    const all = [...contenders.map(of), fusedMinus('word'), fusedMinus(peer)]
    for (const [at, values] of all.entries()) {
      const contender = rows[at]?.[0] ?? ''
      const [value, interval] = [mean(values), bootstrap(values, mean, 10_000)]
      const isDifference = contender === difference && metric === 'nDCG@10'
      const always: readonly GoalName[] = isDifference ? ['fused - word on any collection: nDCG@10'] : []
      const held = [...(goals[`${collection} ${contender} ${metric}`] ?? []), ...always]
      const name = `${collection}: ${metric}`
      record({ suite: 'retrieval', name, contender, unit: metric, value, interval, goals: held })
      rows[at]?.push(`${value.toFixed(4)} (${interval.map((bound) => bound.toFixed(4)).join(' to ')})`)
    }
  }
  process.stdout.write(table(['', ...metrics], rows))
}
