import { basename, join } from 'node:path'
import { openDeps, parseConfig } from '@extropy/server/deps'
import { BadCallError, type BenchCase } from '../bench-case.ts'
import { withFolder } from '../databases.ts'
import { record, recordData, skip } from '../results.ts'
import { type Collection, readCollection } from '../retrieval/collection.ts'
import {
  bootstrap,
  type Interval,
  metricLabels,
  metricNames,
  type Scores,
  score,
  scoreName,
} from '../retrieval/metrics.ts'
import { ingestCollection, type Leg, legs, rankDocuments } from '../retrieval/rank.ts'

/**
 * Ingests a test collection as any content and asks its queries as any prompt, with the embedder that the environment
 * configures. `--collection DIR`: docs.jsonl.gz, queries.jsonl.gz and qrels.tsv. DATABASE_URL is left alone: the collection goes
 * into an embedded database of its own.
 */
export const bench: BenchCase = {
  title: 'how well searches find what people judged relevant',
  async run({ options }) {
    if (typeof options.collection !== 'string') {
      return skip('retrieval', 'give a test collection with --collection DIR')
    }
    const directory = options.collection
    const collection = openCollection(directory)
    await withFolder(async (folder) => {
      const config = parseConfig({ ...process.env, DATABASE_URL: join(folder, 'data') })
      const deps = await openDeps(config)
      try {
        const passages = await ingestCollection(deps, collection)
        const size = `${collection.documents.length} documents, ${passages} passages, ${collection.queries.length} judged queries`
        recordData(size)
        process.stdout.write(`${directory}: ${size}; embedder ${deps.embedder.model}\n`)
        const scores = await scoreLegs(deps, collection)
        print(scores)
        recordScores(basename(directory), scores)
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

function recordScores(collection: string, scores: LegScores): void {
  for (const metric of metricNames) {
    const [name, unit] = [scoreName(collection, metric), metricLabels[metric]]
    for (const leg of legs) {
      const { mean, low, high } = bootstrap(scores[leg].map((each) => each[metric]))
      record({ suite: 'retrieval', name, contender: leg, unit, value: mean, interval: [low, high] })
    }
    const { mean, low, high } = bootstrap(differencesOf(scores, metric))
    record({ suite: 'retrieval', name, contender: 'fused - word', unit, value: mean, interval: [low, high] })
  }
}

/** Query by query: what is common to both legs, such as hard queries, does not blur the difference. */
function differencesOf(scores: LegScores, metric: (typeof metricNames)[number]): number[] {
  return scores.fused.map((each, index) => each[metric] - (scores.word[index]?.[metric] ?? 0))
}

type LegScores = Record<Leg, Scores[]>

async function scoreLegs(deps: Parameters<typeof rankDocuments>[0], collection: Collection): Promise<LegScores> {
  const scores: LegScores = { word: [], vector: [], fused: [] }
  for (const query of collection.queries) {
    const grades = collection.grades.get(query.id) ?? new Map()
    for (const leg of legs) scores[leg].push(score(await rankDocuments(deps, query.text, leg), grades))
  }
  return scores
}

function print(scores: LegScores): void {
  const row = (name: string, cells: readonly string[]) =>
    process.stdout.write(`${name.padEnd(13)}${cells.map((cell) => cell.padEnd(24)).join('')}\n`.replace(/ +\n/, '\n'))
  row('', Object.values(metricLabels))
  for (const leg of legs) {
    row(
      leg,
      metricNames.map((metric) => format(bootstrap(scores[leg].map((each) => each[metric])))),
    )
  }
  const differences = metricNames.map((metric) => bootstrap(differencesOf(scores, metric)))
  row('fused - word', differences.map(format))
}

function format({ mean, low, high }: Interval): string {
  return `${mean.toFixed(4)} (${low.toFixed(4)}–${high.toFixed(4)})`
}
