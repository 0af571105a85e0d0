import { toUnitLength } from './embedder.ts'
import { dimension, type WordVectors } from './word-vectors.ts'

/** The `a` of smooth inverse frequency: weight = a / (a + p(word)). 1e-3 as in Arora, Liang and Ma (ICLR 2017), §4.1. */
const smoothing = 1e-3
/** How many common directions are taken out of every vector. On Cranfield nDCG@10 0.253 with none, 0.271 with two. */
const commonDirections = 2
/** The common directions are those of the most frequent words; beyond them nothing changes. */
const wordsForDirections = 20_000

/**
 * A text's vector: the mean of its words' directions, frequent words weighing less, with what all texts share taken
 * out. Arora, Liang and Ma find the shared directions in the texts of a collection; here they come from the vocabulary,
 * weighed by frequency, so that a text's vector depends on the text alone.
 */
export function createLocalModel(words: WordVectors): (text: string) => Float32Array | undefined {
  const probability = zipf(words.rows.size)
  const common = findCommonDirections(words, probability)

  return (text) => {
    const sum = new Float32Array(dimension)
    for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{N}]+/gu)) {
      const row = words.rows.get(word)
      if (row !== undefined) addRow(sum, words, row, smoothing / (smoothing + probability(row)))
    }
    const unit = toUnitLength(sum)
    if (unit === undefined) return undefined
    for (const direction of common) subtract(unit, direction, dot(direction, unit))
    return toUnitLength(unit)
  }
}

/** Mandelbrot's form of Zipf's law, p ∝ 1 / (rank + 2.7): the package ranks its words, but gives no frequencies. */
function zipf(size: number): (row: number) => number {
  const harmonic = Math.log(size) + 0.5772
  return (row) => 1 / ((row + 1 + 2.7) * harmonic)
}

/** Power iteration, the directions found before removed at each step. 20 steps: the fifth digit no longer moves. */
function findCommonDirections(words: WordVectors, probability: (row: number) => number): Float32Array[] {
  const rows = Math.min(words.rows.size, wordsForDirections)
  const found: Float32Array[] = []
  for (let n = 0; n < commonDirections; n++) {
    let direction: Float32Array = new Float32Array(dimension).fill(1)
    for (let step = 0; step < 20; step++) {
      const next = new Float32Array(dimension)
      for (let row = 0; row < rows; row++) {
        const weight = smoothing / (smoothing + probability(row))
        addRow(next, words, row, dotRow(direction, words, row) * probability(row) * weight * weight)
      }
      for (const earlier of found) subtract(next, earlier, dot(earlier, next))
      direction = toUnitLength(next) ?? direction
    }
    found.push(direction)
  }
  return found
}

function addRow(sum: Float32Array, words: WordVectors, row: number, weight: number): void {
  const factor = weight * (words.scales[row] ?? 0)
  for (let i = 0, at = row * dimension; i < dimension; i++, at++) {
    sum[i] = (sum[i] ?? 0) + factor * (words.components[at] ?? 0)
  }
}

function dotRow(vector: Float32Array, words: WordVectors, row: number): number {
  let product = 0
  for (let i = 0, at = row * dimension; i < dimension; i++, at++) {
    product += (vector[i] ?? 0) * (words.components[at] ?? 0)
  }
  return product * (words.scales[row] ?? 0)
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((product, component, i) => product + component * (b[i] ?? 0), 0)
}

function subtract(from: Float32Array, direction: Float32Array, times: number): void {
  for (const [i, component] of direction.entries()) from[i] = (from[i] ?? 0) - times * component
}
