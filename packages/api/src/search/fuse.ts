import type { MeasuredPassage } from './candidates.ts'
import type { VectorHit } from './vector-leg.ts'
import type { WordHit } from './word-leg.ts'

/** A candidate with what each leg makes of it. */
export interface FusedPassage {
  readonly chunkId: number
  /** Ranks among the leg's own candidates; undefined where the leg did not bring the passage. */
  readonly wordRank: number | undefined
  readonly vectorRank: number | undefined
  /** Undefined where the passage has none of the words. */
  readonly bm25: number | undefined
  /** Undefined where the passage has no vector of the model. */
  readonly cosineDistance: number | undefined
  /** The score's two parts: add up to `fusedScore`. */
  readonly wordShare: number
  readonly vectorShare: number
  /** 0 to 1. */
  readonly fusedScore: number
}

export interface Legs {
  readonly word: readonly WordHit[]
  readonly vector: readonly VectorHit[]
  /** Every candidate, of either leg. */
  readonly measured: readonly MeasuredPassage[]
}

/**
 * The convex combination of both legs' scores, each divided by its best (Bruch, Gai and Ingber, arXiv 2210.11934, who find it
 * above reciprocal ranks, on known and unknown collections). Every candidate has both scores, computed where its leg did not
 * bring it: otherwise a passage 101st by meaning would count as if it had none. In one that has no vector, or none yet, the words have
 * all the weight; and so has a leg where the other one found nothing.
 */
export function fuse(legs: Legs, vectorWeight: number): FusedPassage[] {
  const bm25 = new Map(legs.word.map((hit) => [hit.chunkId, hit.bm25]))
  const distances = new Map<number, number>()
  const similarities = new Map<number, number>()
  for (const { chunkId, cosineDistance, bm25: score } of legs.measured) {
    if (score !== null) bm25.set(chunkId, score)
    if (cosineDistance === null) continue
    distances.set(chunkId, cosineDistance)
    similarities.set(chunkId, Math.max(0, 1 - cosineDistance))
  }
  const wordRanks = new Map(legs.word.map((hit, index) => [hit.chunkId, index + 1]))
  const vectorRanks = new Map(legs.vector.map((hit, index) => [hit.chunkId, index + 1]))
  const bestBm25 = highest(bm25.values())
  const bestSimilarity = highest(similarities.values())
  const weight = bestBm25 === 0 ? 1 : bestSimilarity === 0 ? 0 : vectorWeight

  return [...new Set([...wordRanks.keys(), ...vectorRanks.keys()])]
    .map((chunkId) => {
      const cosineDistance = distances.get(chunkId)
      const byWord = bestBm25 === 0 ? 0 : (bm25.get(chunkId) ?? 0) / bestBm25
      const similarity = similarities.get(chunkId)
      const wordShare = (similarity === undefined ? 1 : 1 - weight) * byWord
      const vectorShare = similarity === undefined || bestSimilarity === 0 ? 0 : (weight * similarity) / bestSimilarity
      return {
        chunkId,
        wordRank: wordRanks.get(chunkId),
        vectorRank: vectorRanks.get(chunkId),
        bm25: bm25.get(chunkId),
        cosineDistance,
        wordShare,
        vectorShare,
        fusedScore: wordShare + vectorShare,
      }
    })
    .sort((x, y) => y.fusedScore - x.fusedScore || x.chunkId - y.chunkId)
}

/** 0 at the least. Candidates may be more than a call can have arguments. */
function highest(scores: Iterable<number>): number {
  let best = 0
  for (const score of scores) best = Math.max(best, score)
  return best
}
