import { readWords, stem, stopWordsOf } from '@extropy/api/analysis'
import { dot, normalise } from '@extropy/api/patterns'
import { createRandom } from './planted-chains.ts'

/** Spherical k-means as it is usually run: k-means++ seeds, from a seeded source of chance. */
export function sphericalKMeans(vectors: readonly Float32Array[], count: number, seed: number): number[] {
  const random = createRandom(seed)
  let centroids = [Float32Array.from(vectors[Math.floor(random() * vectors.length)] as Float32Array)]
  const far = vectors.map(() => 2)
  while (centroids.length < count) {
    const last = centroids.at(-1) as Float32Array
    for (const [at, vector] of vectors.entries()) far[at] = Math.min(far[at] ?? 2, Math.max(0, 1 - dot(vector, last)))
    let left = random() * far.reduce((sum, each) => sum + each, 0)
    const next = far.findIndex((each) => {
      left -= each
      return left <= 0
    })
    centroids.push(Float32Array.from(vectors[Math.max(0, next)] as Float32Array))
  }
  const assigned = vectors.map(() => -1)
  for (let round = 0; round < 100; round++) {
    let moved = 0
    for (const [at, vector] of vectors.entries()) {
      const likenesses = centroids.map((centroid) => dot(vector, centroid))
      const best = likenesses.indexOf(Math.max(...likenesses))
      if (best !== assigned[at]) moved++
      assigned[at] = best
    }
    if (moved === 0) break
    centroids = centroids.map((centroid) => new Float32Array(centroid.length))
    for (const [at, vector] of vectors.entries()) {
      const centroid = centroids[assigned[at] ?? 0] as Float32Array
      for (let place = 0; place < centroid.length; place++)
        centroid[place] = (centroid[place] ?? 0) + (vector[place] ?? 0)
    }
    for (const centroid of centroids) normalise(centroid)
  }
  return assigned
}

const rounds = 60

/** NMF of tf-idf with multiplicative updates (Lee and Seung), each text in its largest component. */
export function nmf(texts: readonly string[], count: number, seed: number): number[] {
  const random = createRandom(seed)
  const { rows, size } = tfIdf(texts)
  const w = texts.map(() => Float64Array.from({ length: count }, () => random() + 0.01))
  let h = Array.from({ length: count }, () => Float64Array.from({ length: size }, () => random() + 0.01))
  for (let round = 0; round < rounds; round++) {
    const hh = gram(h)
    for (const [at, row] of rows.entries()) {
      const weights = w[at] as Float64Array
      const above = h.map((component) => row.reduce((sum, [term, value]) => sum + value * (component[term] ?? 0), 0))
      const below = hh.map((line) => line.reduce((sum, value, other) => sum + value * (weights[other] ?? 0), 0))
      for (let k = 0; k < count; k++) weights[k] = ((weights[k] ?? 0) * (above[k] ?? 0)) / ((below[k] ?? 0) + 1e-9)
    }
    const columns = Array.from({ length: count }, (_, k) => Float64Array.from(w, (weights) => weights[k] ?? 0))
    const ww = gram(columns)
    const above = h.map(() => new Float64Array(size))
    for (const [at, row] of rows.entries()) {
      for (let k = 0; k < count; k++) {
        const weight = w[at]?.[k] ?? 0
        const line = above[k] as Float64Array
        for (const [term, value] of row) line[term] = (line[term] ?? 0) + weight * value
      }
    }
    h = h.map((component, k) =>
      component.map((value, term) => {
        const below = h.reduce((sum, other, at) => sum + (ww[k]?.[at] ?? 0) * (other[term] ?? 0), 0)
        return (value * (above[k]?.[term] ?? 0)) / (below + 1e-9)
      }),
    )
  }
  return w.map((weights) => weights.indexOf(Math.max(...weights)))
}

const gram = (lines: readonly Float64Array[]) =>
  lines.map((one) => lines.map((other) => one.reduce((sum, value, at) => sum + value * (other[at] ?? 0), 0)))

function tfIdf(texts: readonly string[]) {
  const stopWords = stopWordsOf('en')
  const counted = texts.map((text) => {
    const counts = new Map<string, number>()
    for (const { lower } of readWords(text)) {
      if (stopWords?.has(lower) || lower.length < 2) continue
      counts.set(stem(lower), (counts.get(stem(lower)) ?? 0) + 1)
    }
    return counts
  })
  const holders = new Map<string, number>()
  for (const counts of counted) for (const term of counts.keys()) holders.set(term, (holders.get(term) ?? 0) + 1)
  const terms = new Map([...holders].filter(([, n]) => n > 1).map(([term], at) => [term, at]))
  const rows = counted.map((counts) => {
    const row = [...counts].flatMap(([term, count]): [number, number][] => {
      const at = terms.get(term)
      const idf = Math.log(texts.length / (holders.get(term) ?? 1))
      return at === undefined ? [] : [[at, (1 + Math.log(count)) * idf]]
    })
    const length = Math.hypot(...row.map(([, value]) => value)) || 1
    return row.map(([at, value]) => [at, value / length] as const)
  })
  return { rows, size: terms.size }
}
