import { centroidsOf, clusterVectors, nearest, prepare, silhouettesOf } from './cluster.ts'
import { type Evidence, type FoundPattern, patternsVersion, round } from './pattern.ts'
import { idOf } from './profile.ts'
import { dot } from './vector-math.ts'

export interface ThemeContent {
  readonly id: string
  readonly vector: Float32Array
  /** Its keyphrases, the surest first, with where they stand. */
  readonly phrases: readonly {
    readonly value: string
    readonly confidence: number
    readonly quote: Evidence['quotes'][number] | undefined
  }[]
}

/** Contents of a theme that was found before, by its id. */
export type FormerThemes = ReadonlyMap<string, readonly string[]>

const method = 'spherical k-means from principal splits, smoothed vectors'
const [fewestContents, fewestMembers] = [8, 3]
const [mostClusters, labelPhrases] = [60, 3]
/** So much of the contents may change their theme for each content that came. */
const moveShare = 0.01
/** With more new ones than that the themes are found anew, and take the ids of those that they have most of. */
const refitShare = 0.2

/** Without chance, and nothing moves without need: themes found before keep their contents, but for 1 % of moves with each new content. */
export function findThemes(
  owner: string,
  contents: readonly ThemeContent[],
  former: FormerThemes = new Map(),
): FoundPattern[] {
  const sorted = contents.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  if (sorted.length < fewestContents) return []
  const vectors = prepare(sorted.map(({ vector }) => vector))
  const clusterCount = Math.min(mostClusters, Math.max(2, Math.round(Math.sqrt(sorted.length / 2))))
  const place = new Map(sorted.map(({ id }, at) => [id, at]))
  const kept = [...former]
    .map(([id, members]) => ({ id, members: members.flatMap((each) => place.get(each) ?? []) }))
    .filter(({ members }) => members.length > 0)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
  const known = kept.reduce((sum, { members }) => sum + members.length, 0)
  const isNew = known < (1 - refitShare) * sorted.length
  const assigned = isNew ? withoutSmall(vectors, clusterVectors(vectors, clusterCount).assigned) : goOn(vectors, kept)
  const silhouettes = silhouettesOf(vectors, assigned, centroidsOf(vectors, assigned))
  const groups = groupsOf(assigned)
  const named = isNew ? inheritIds(groups, kept) : new Map(kept.map(({ id }, cluster) => [cluster, id]))
  return [...groups]
    .filter(([, members]) => members.length >= fewestMembers)
    .map(([cluster, members]) => themeOf(owner, named.get(cluster), members, { sorted, vectors, silhouettes }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

function groupsOf(assigned: Int32Array): Map<number, number[]> {
  const groups = new Map<number, number[]>()
  for (const [at, cluster] of assigned.entries()) groups.set(cluster, [...(groups.get(cluster) ?? []), at])
  return groups
}

/** Contents of clusters too small for a theme go to the nearest of the others: who has no theme would seem new at the next run. */
function withoutSmall(vectors: readonly Float32Array[], assigned: Int32Array): Int32Array {
  const large = [...groupsOf(assigned)].filter(([, members]) => members.length >= fewestMembers)
  if (large.length === 0) return new Int32Array(assigned.length)
  const centroids = large.map(([, members]) => {
    const [centroid = new Float32Array()] = centroidsOf(
      members.map((at) => vectors[at] as Float32Array),
      new Int32Array(members.length),
    )
    return centroid
  })
  const numbers = new Map(large.map(([cluster], number) => [cluster, number]))
  return assigned.map((cluster, at) => numbers.get(cluster) ?? nearest(vectors[at] as Float32Array, centroids))
}

interface Kept {
  readonly id: string
  readonly members: readonly number[]
}

function goOn(vectors: readonly Float32Array[], kept: readonly Kept[]): Int32Array {
  const assigned = new Int32Array(vectors.length).fill(-1)
  for (const [cluster, { members }] of kept.entries()) for (const at of members) assigned[at] = cluster
  const newcomers = [...assigned.keys()].filter((at) => assigned[at] === -1)
  const old = [...assigned.keys()].filter((at) => assigned[at] !== -1)
  const centroids = centroidsOf(
    old.map((at) => vectors[at] as Float32Array),
    Int32Array.from(old, (at) => assigned[at] as number),
  )
  for (const at of newcomers) assigned[at] = nearest(vectors[at] as Float32Array, centroids)
  const budget = Math.floor(moveShare * vectors.length * newcomers.length)
  const moves = old
    .map((at) => {
      const vector = vectors[at] as Float32Array
      const best = nearest(vector, centroids)
      const gain =
        dot(vector, centroids[best] as Float32Array) - dot(vector, centroids[assigned[at] as number] as Float32Array)
      return { at, best, gain }
    })
    .filter(({ gain }) => gain > 1e-4)
    .sort((a, b) => b.gain - a.gain || a.at - b.at)
    .slice(0, budget)
  for (const { at, best } of moves) assigned[at] = best
  return assigned
}

/** Each former id goes to the cluster that has most of its contents, if that has no other. */
function inheritIds(
  groups: ReadonlyMap<number, readonly number[]>,
  kept: readonly Kept[],
): Map<number, string | undefined> {
  const pairs = kept.flatMap(({ id, members }) => {
    const own = new Set(members)
    return [...groups].map(([cluster, all]) => ({ id, cluster, shared: all.filter((at) => own.has(at)).length }))
  })
  const named = new Map<number, string | undefined>()
  const given = new Set<string>()
  for (const { id, cluster, shared } of pairs.sort((a, b) => b.shared - a.shared || (a.id < b.id ? -1 : 1))) {
    if (shared === 0 || named.has(cluster) || given.has(id)) continue
    named.set(cluster, id)
    given.add(id)
  }
  return named
}

interface Found {
  readonly sorted: readonly ThemeContent[]
  readonly vectors: readonly Float32Array[]
  readonly silhouettes: readonly number[]
}

function themeOf(owner: string, id: string | undefined, members: readonly number[], found: Found): FoundPattern {
  const { sorted, vectors, silhouettes } = found
  const [centroid = new Float32Array()] = centroidsOf(
    members.map((at) => vectors[at] as Float32Array),
    new Int32Array(members.length),
  )
  const byNearness = members.toSorted(
    (a, b) => dot(vectors[b] as Float32Array, centroid) - dot(vectors[a] as Float32Array, centroid) || a - b,
  )
  const medoid = sorted[byNearness[0] as number] as ThemeContent
  const label = labelOf(members, sorted)
  const silhouette = members.reduce((sum, at) => sum + (silhouettes[at] ?? 0), 0) / members.length
  return {
    id: id ?? idOf(owner, 'theme', medoid.id),
    type: 'theme',
    description: label.join(', '),
    confidenceScore: round(themeConfidence(silhouette)),
    method,
    version: patternsVersion,
    evidence: byNearness.map((at) => {
      const { id: contentId, phrases } = sorted[at] as ThemeContent
      const quotes = phrases
        .filter(({ value }) => label.includes(value.toLowerCase()))
        .flatMap(({ quote }) => quote ?? [])
      const first = phrases[0]?.quote
      return {
        contentId,
        strength: round(silhouettes[at] ?? 0),
        quotes: quotes.length > 0 || first === undefined ? quotes : [first],
      }
    }),
  }
}

/**
 * The share of a cluster's pairs of contents that a person puts into one class, by its silhouette: a straight line through the clusters of the
 * judged topics (decision 91).
 */
export const themeConfidence = (silhouette: number): number => Math.min(0.95, Math.max(0.05, 0.05 + 0.95 * silhouette))

/** Phrases that its contents have and others have not: each one's share of contents inside times how much commoner it is there. */
function labelOf(members: readonly number[], sorted: readonly ThemeContent[]): string[] {
  const inside = new Set(members)
  const counts = new Map<string, { inside: number; outside: number; weight: number }>()
  for (const [at, { phrases }] of sorted.entries()) {
    for (const { value, confidence } of phrases) {
      const key = value.toLowerCase()
      const count = counts.get(key) ?? { inside: 0, outside: 0, weight: 0 }
      if (inside.has(at)) {
        count.inside++
        count.weight += confidence
      } else count.outside++
      counts.set(key, count)
    }
  }
  const others = Math.max(1, sorted.length - members.length)
  const ranked = [...counts]
    .filter(([, count]) => count.inside > 0)
    .map(([phrase, count]) => {
      const specificity = Math.log((count.inside / members.length + 0.01) / (count.outside / others + 0.01))
      return { phrase, score: specificity * (count.weight + 0.2 * count.inside * Math.log(1 + count.inside)) }
    })
    .sort((a, b) => b.score - a.score || (a.phrase < b.phrase ? -1 : 1))
  const label: string[] = []
  for (const { phrase } of ranked) {
    if (label.length === labelPhrases) break
    if (!label.some((other) => other.includes(phrase) || phrase.includes(other))) label.push(phrase)
  }
  return label.length > 0 ? label : ['without words of its own']
}
