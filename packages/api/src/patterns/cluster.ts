import { add, centre, dot, normalise, smooth } from './vector-math.ts'

type Vectors = readonly Float32Array[]

export interface Clusters {
  /** By vector: its cluster's number. */
  readonly assigned: Int32Array
  /** By vector: how much nearer it is to its own cluster than to the next one, 0 to 1. */
  readonly silhouettes: readonly number[]
}

const mostRounds = 40
const neighbours = 10

/** What clusters are made of: the vectors less what all have in common, each drawn to its neighbours. */
export const prepare = (vectors: Vectors): Float32Array[] =>
  smooth(centre(vectors), Math.min(neighbours, Math.max(0, vectors.length - 1)))

/**
 * Spherical k-means without chance: the prepared vectors are split in two again and again along their first principal component, and the
 * means of the parts are the start.
 */
export function clusterVectors(prepared: Vectors, clusterCount: number): Clusters {
  const assigned = splitByPrincipal(prepared, clusterCount)
  let centroids = centroidsOf(prepared, assigned)
  for (let round = 0; round < mostRounds; round++) {
    let moved = 0
    for (const [at, vector] of prepared.entries()) {
      const best = nearest(vector, centroids)
      if (best === assigned[at]) continue
      assigned[at] = best
      moved++
    }
    if (moved === 0) break
    centroids = centroidsOf(prepared, assigned, centroids)
  }
  return { assigned, silhouettes: silhouettesOf(prepared, assigned, centroids) }
}

/** A vector's distance to its own cluster's mean and to the next one's: 1 less their quotient. */
export function silhouettesOf(vectors: Vectors, assigned: Int32Array, centroids: Vectors): number[] {
  return vectors.map((vector, at) => {
    const likenesses = centroids.map((centroid) => dot(vector, centroid))
    const own = 1 - (likenesses[assigned[at] as number] ?? 0)
    const next = 1 - Math.max(-1, ...likenesses.filter((_, cluster) => cluster !== assigned[at]))
    return next <= 0 ? 0 : Math.max(0, 1 - own / next)
  })
}

export function nearest(vector: Float32Array, centroids: Vectors): number {
  let [best, likeness] = [0, -2]
  for (const [at, centroid] of centroids.entries()) {
    const each = dot(vector, centroid)
    if (each > likeness) {
      best = at
      likeness = each
    }
  }
  return best
}

/** @param before where a cluster that lost all its members stays. */
export function centroidsOf(vectors: Vectors, assigned: Int32Array, before?: Vectors): Float32Array[] {
  const count = before?.length ?? assigned.reduce((most, each) => Math.max(most, each), -1) + 1
  const size = vectors[0]?.length ?? 0
  const centroids = Array.from({ length: count }, () => new Float32Array(size))
  for (const [at, vector] of vectors.entries()) add(centroids[assigned[at] as number] as Float32Array, vector)
  for (const [at, centroid] of centroids.entries()) {
    if (dot(centroid, centroid) === 0) centroid.set(before?.[at] ?? [])
    normalise(centroid)
  }
  return centroids
}

interface Part {
  readonly members: readonly number[]
  /** The sum of squared distances to the mean. */
  readonly scatter: number
}

/** Splits the most scattered part until there are `count`. */
function splitByPrincipal(vectors: Vectors, count: number): Int32Array {
  const parts: Part[] = [partOf(vectors, [...vectors.keys()])]
  while (parts.length < count) {
    const widest = parts.reduce((best, each) => (each.scatter > best.scatter ? each : best))
    if (widest.members.length < 2 || widest.scatter <= 1e-6) break
    const halves = halve(vectors, widest.members)
    const isSplit = halves.every((half) => half.length > 0)
    const instead = isSplit ? halves.map((half) => partOf(vectors, half)) : [{ ...widest, scatter: 0 }]
    parts.splice(parts.indexOf(widest), 1, ...instead)
  }
  const assigned = new Int32Array(vectors.length)
  for (const [number, { members }] of parts.entries()) for (const at of members) assigned[at] = number
  return assigned
}

function partOf(vectors: Vectors, members: readonly number[]): Part {
  const mean = meanOf(vectors, members)
  return { members, scatter: members.length * (1 - dot(mean, mean)) }
}

function meanOf(vectors: Vectors, members: readonly number[]): Float32Array {
  const mean = new Float32Array(vectors[0]?.length ?? 0)
  for (const at of members) add(mean, vectors[at] as Float32Array, 1 / members.length)
  return mean
}

function halve(vectors: Vectors, members: readonly number[]): [number[], number[]] {
  const mean = meanOf(vectors, members)
  const farthest = members.reduce((best, at) =>
    dot(vectors[at] as Float32Array, mean) < dot(vectors[best] as Float32Array, mean) ? at : best,
  )
  let axis = Float32Array.from(vectors[farthest] as Float32Array)
  add(axis, mean, -1)
  normalise(axis)
  // Power iteration; its start is the vectors' own, so that nothing is left to chance.
  for (let round = 0; round < 30; round++) {
    const next = new Float32Array(mean.length)
    const middle = dot(mean, axis)
    let sum = 0
    for (const at of members) {
      const vector = vectors[at] as Float32Array
      const along = dot(vector, axis) - middle
      add(next, vector, along)
      sum += along
    }
    add(next, mean, -sum)
    normalise(next)
    const change = 1 - Math.abs(dot(next, axis))
    axis = next
    if (change < 1e-7) break
  }
  const middle = dot(mean, axis)
  const isLeft = (at: number) => dot(vectors[at] as Float32Array, axis) <= middle
  return [members.filter(isLeft), members.filter((at) => !isLeft(at))]
}
