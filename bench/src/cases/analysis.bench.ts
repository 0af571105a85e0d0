import { join } from 'node:path'
import { createAnalyst, createLocalEmbedder } from '@extropy/api'
import { analyseText } from '@extropy/api/analysis'
import {
  type Figure,
  measureHooks,
  measureKeyphrases,
  measureParaphrases,
  measureSentiment,
  measureThemes,
} from '../analysis/measure-methods.ts'
import { measureChains, measureSpeed, readPosts } from '../analysis/measure-patterns.ts'
import { BadCallError, type BenchCase } from '../bench-case.ts'
import { record, recordData } from '../results.ts'
import { table } from '../table.ts'

/**
 * Measures the methods of the analysis on judged data, by cross-validation, beside their peers; chains planted among public posts; and the speed.
 * `--data DIR` is a folder with one of judged sets a task, `--posts FILE` posts in the format of an ingest.
 */
export const bench: BenchCase = {
  title: 'what the analysis finds, against judged texts and its peers',
  parts: ['hooks', 'sentiment', 'keyphrases', 'themes', 'paraphrases', 'chains', 'speed'],
  async run({ data, posts: file, wants }) {
    if (data === undefined) throw new BadCallError('give the judged sets with --data DIR')
    const figures: Figure[] = []
    const measures = {
      hooks: measureHooks,
      sentiment: measureSentiment,
      keyphrases: measureKeyphrases,
      themes: measureThemes,
      paraphrases: measureParaphrases,
    }
    for (const [part, measure] of Object.entries(measures)) {
      if (wants(part)) figures.push(...(await measure(data)))
    }
    if (wants('chains') || wants('speed')) {
      const posts = readPosts(file ?? join(data, '../contents/contents.jsonl.gz'))
      recordData(`${posts.length} posts`)
      if (wants('chains')) {
        const embedder = createLocalEmbedder()
        figures.push(...(await measureChains(posts, embedder)))
        await embedder.close()
      }
      if (wants('speed')) {
        const analyst = createAnalyst()
        figures.push(...(await measureSpeed(posts, analyst, analyseText)))
        await analyst.close()
      }
    }
    show(figures)
  },
}

function show(figures: readonly Figure[]): void {
  const digits = (value: number) => (Number.isInteger(value) ? String(value) : value.toFixed(3))
  const rows = figures.map(({ method, measure, ours, peers }) => [
    method,
    measure,
    digits(ours),
    Object.entries(peers)
      .map(([name, value]) => `${name} ${digits(value)}`)
      .join(', '),
  ])
  process.stdout.write(table(['method', 'measure', 'ours', 'beside'], rows))
  for (const { method, measure, ours, peers, reliability } of figures) {
    record({ suite: 'analysis', name: `${method}: ${measure}`, contender: 'extropy', unit: measure, value: ours })
    for (const [contender, value] of Object.entries(peers)) {
      record({ suite: 'analysis', name: `${method}: ${measure}`, contender, unit: measure, value })
    }
    if (reliability === undefined) continue
    process.stdout.write(`\nHow often it is right: ${method}\n`)
    const bins = reliability.map(({ from, to, count, said, right }) => [
      `${from.toFixed(1)}–${to.toFixed(1)}`,
      String(count),
      said.toFixed(2),
      right.toFixed(2),
    ])
    process.stdout.write(table(['confidence', 'number', 'mean', 'right'], bins))
  }
}
