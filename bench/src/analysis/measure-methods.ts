import { createLocalEmbedder, type Embedder } from '@extropy/api'
import { feelings, logit, openWordRanks, rankPhrases, readValence } from '@extropy/api/analysis'
import { clusterVectors, findThemes, prepare } from '@extropy/api/patterns'
import { nmf, sphericalKMeans } from './cluster-peers.ts'
import { crossValidate, fitLogistic } from './fit-logistic.ts'
import { readTopics } from './judged-data.ts'
import { feelingRows, feelingRowsOf, hookRows, pairRows, phraseKey, phraseRows } from './judged-rows.ts'
import { penalties } from './penalties.ts'
import { auc, compareGroupings, f1, macroF1, mean, reliability } from './scores.ts'
import { yake } from './yake.ts'

/** A figure of ours beside its peer's, or beside its bound. */
export interface Figure {
  readonly method: string
  readonly measure: string
  readonly ours: number
  readonly peers: Readonly<Record<string, number>>
  /** Rows of what was said and how often it was right. */
  readonly reliability?: ReturnType<typeof reliability>
}

/** By cross-validation: what is measured was not fitted on. */
export function measureHooks(data: string): Figure[] {
  const rows = hookRows(data)
  const said = crossValidate(rows, penalties.hooks)
  return (['headlines', 'posts'] as const).map((set) => {
    const own = rows.map((row, at) => ({ ...row, said: said[at] ?? 0 })).filter((row) => row.set === set)
    return {
      method: `hooks, ${set} (${own.length})`,
      measure: 'F1',
      ours: f1(own.map((row) => [row.said > 0.5, row.label === 1])),
      peers: { AUC: auc(own.map((row) => [row.said, row.label === 1])) },
      reliability: reliability(own.map((row) => [row.said, row.label === 1])),
    }
  })
}

export function measureSentiment(data: string): Figure[] {
  const rows = feelingRows(data)
  const byFeeling = feelingRowsOf(rows)
  const chances = feelings.map((feeling) => crossValidate(byFeeling[feeling] ?? [], penalties.sentiment))
  const said = rows.map((row, at) => {
    const raw = chances.map((each, place) => (each[at] ?? 0) * (feelings[place] === 'neutral' ? 1.3 : 1))
    const best = raw.indexOf(Math.max(...raw))
    const { compound } = readValence(row.text)
    return {
      ...row,
      ours: feelings[best] as string,
      chance: (raw[best] ?? 0) / raw.reduce((sum, each) => sum + each, 0),
      vader: compound >= 0.05 ? 'positive' : compound <= -0.05 ? 'negative' : 'neutral',
    }
  })
  const of = (name: string, some: typeof said): Figure => ({
    method: `sentiment, ${name} (${some.length})`,
    measure: 'macro-F1',
    ours: macroF1(some.map(({ ours, label }) => [ours, label])),
    peers: { VADER: macroF1(some.map(({ vader, label }) => [vader, label])) },
    ...(name === 'all'
      ? { reliability: reliability(some.map(({ chance, ours, label }) => [chance, ours === label])) }
      : {}),
  })
  return [of('all', said), ...[...Map.groupBy(said, ({ set }) => set)].map(([set, some]) => of(set, some))]
}

export function measureKeyphrases(data: string): Figure[] {
  const documents = phraseRows(data)
  const rankOf = openWordRanks()
  const folds = 5
  const calibration: [number, boolean][] = []
  const scores = documents.map(() => ({ ours: 0, yake: 0 }))
  for (let fold = 0; fold < folds; fold++) {
    const weights = fitLogistic(
      documents.flatMap(({ rows }, at) => (at % folds === fold ? [] : rows)),
      penalties.keyphrases,
      8,
    )
    for (const [at, { document, lines, gold, rows }] of documents.entries()) {
      if (at % folds !== fold) continue
      const top = rankPhrases(lines, { language: document.lang, rankOf, most: 10, weights }).map(({ phrase }) => phrase)
      for (const { cues, label } of rows) calibration.push([1 / (1 + Math.exp(-logit(weights, cues))), label === 1])
      const whole = document.title === '' ? document.text : `${document.title}. ${document.text}`
      scores[at] = { ours: f1At10(top, gold), yake: f1At10(yake(whole, document.lang, 10), gold) }
    }
  }
  const all = documents.map(({ document: { set } }, at) => ({ set, ...(scores[at] as (typeof scores)[0]) }))
  const of = (name: string, some: typeof all): Figure => ({
    method: `keyphrases, ${name} (${some.length})`,
    measure: 'F1@10',
    ours: mean(some.map(({ ours }) => ours)),
    peers: { YAKE: mean(some.map((each) => each.yake)) },
    ...(name === 'all' ? { reliability: reliability(calibration) } : {}),
  })
  return [of('all', all), ...[...Map.groupBy(all, ({ set }) => set)].map(([set, some]) => of(set, some))]
}

function f1At10(phrases: readonly string[], gold: ReadonlySet<string>): number {
  const said = [...new Set(phrases.map(phraseKey))].slice(0, 10)
  const hits = said.filter((phrase) => gold.has(phrase)).length
  return hits === 0 ? 0 : (2 * hits) / (said.length + gold.size)
}

const peerRuns = 10

export async function measureThemes(data: string): Promise<Figure[]> {
  const embedder = createLocalEmbedder()
  try {
    const figures: Figure[] = []
    const calibration: [number, boolean][] = []
    for (const [set, documents] of Map.groupBy(readTopics(data), (topic) => topic.set)) {
      const texts = documents.map(({ title, text }) => (title === '' ? text : `${title}\n\n${text}`))
      const vectors = await readVectors(embedder, texts)
      const gold = documents.map((topic) => topic.class)
      const count = new Set(gold).size
      const ours = compareGroupings([...clusterVectors(prepare(vectors), count).assigned], gold)
      const seeds = Array.from({ length: peerRuns }, (_, at) => at + 1)
      const kMeans = seeds.map((seed) => compareGroupings(sphericalKMeans(vectors, count, seed), gold))
      const factors = seeds.slice(0, 3).map((seed) => compareGroupings(nmf(texts, count, seed), gold))
      for (const measure of ['nmi', 'ari'] as const) {
        const peer = (runs: typeof kMeans) => mean(runs.map((run) => run[measure]))
        figures.push({
          method: `themes, ${set} (${texts.length}, k ${count})`,
          measure: measure.toUpperCase(),
          ours: ours[measure],
          peers: {
            'k-means': peer(kMeans),
            'best k-means': Math.max(...kMeans.map((run) => run[measure])),
            NMF: peer(factors),
          },
        })
      }
      const contents = vectors.map((vector, at) => ({ id: String(at).padStart(5, '0'), vector, phrases: [] }))
      figures.push(...measureStability(set, contents), ownChoice(set, contents, gold, calibration))
    }
    const [last] = figures.slice(-1)
    if (last !== undefined) figures[figures.length - 1] = { ...last, reliability: reliability(calibration) }
    return figures
  } finally {
    await embedder.close()
  }
}

type Contents = Parameters<typeof findThemes>[1]

const groupingOf = (found: ReturnType<typeof findThemes>) =>
  new Map(found.flatMap(({ id, evidence }) => evidence.map(({ contentId }) => [contentId, id] as const)))

/** One content more, twenty times, after the themes of the others were stored; and without that. */
function measureStability(set: string, contents: Contents): Figure[] {
  const places = Array.from({ length: 20 }, (_, at) => Math.floor((at * contents.length) / 20))
  const stored: number[] = []
  for (const left of places) {
    const before = findThemes(
      'bench',
      contents.filter((_, at) => at !== left),
    )
    const former = new Map(before.map(({ id, evidence }) => [id, evidence.map(({ contentId }) => contentId)]))
    const [then, now] = [groupingOf(before), groupingOf(findThemes('bench', contents, former))]
    stored.push([...then].filter(([id, theme]) => now.get(id) !== theme).length / then.size)
  }
  const again =
    JSON.stringify(findThemes('bench', contents)) === JSON.stringify(findThemes('bench', contents.toReversed()))
  return [
    { method: `themes, ${set}: moved by one more`, measure: 'worst share', ours: Math.max(...stored), peers: {} },
    { method: `themes, ${set}: two runs equal`, measure: '1 = yes', ours: Number(again), peers: {} },
  ]
}

/** The number of clusters as the product chooses it; how sure each cluster is, and the share of its pairs that are of one class. */
function ownChoice(set: string, contents: Contents, gold: readonly string[], calibration: [number, boolean][]): Figure {
  const found = findThemes('bench', contents)
  const groups = groupingOf(found)
  const numbers = new Map(found.map(({ id }, at) => [id, at]))
  const said = contents.map(({ id }, at) => numbers.get(groups.get(id) ?? '') ?? 1000 + at)
  for (const { confidenceScore, evidence } of found) {
    const classes = evidence.map(({ contentId }) => gold[Number(contentId)])
    for (const [at, one] of classes.entries()) {
      for (const other of classes.slice(at + 1)) calibration.push([confidenceScore, one === other])
    }
  }
  const { nmi, ari } = compareGroupings(said, gold)
  return { method: `themes, ${set}: own k ${found.length}`, measure: 'NMI', ours: nmi, peers: { ARI: ari } }
}

async function readVectors(embedder: Embedder, texts: readonly string[]): Promise<Float32Array[]> {
  const vectors = await embedder.embed(texts, { background: true })
  return vectors.map((vector) => vector ?? new Float32Array(embedder.dimension))
}

export async function measureParaphrases(data: string): Promise<Figure[]> {
  const rows = await pairRows(data)
  const said = crossValidate(rows, penalties.sameSaying)
  const all = rows.map((row, at) => ({ ...row, said: said[at] ?? 0 }))
  const of = (name: string, some: typeof all): Figure => ({
    method: `same saying, ${name} (${some.length})`,
    measure: 'AUC',
    ours: auc(some.map((row) => [row.said, row.label === 1])),
    peers: { cosine: auc(some.map((row) => [row.cosine, row.label === 1])) },
    ...(name === 'all' ? { reliability: reliability(some.map((row) => [row.said, row.label === 1])) } : {}),
  })
  return [of('all', all), ...[...Map.groupBy(all, ({ set }) => set)].map(([set, some]) => of(set, some))]
}
