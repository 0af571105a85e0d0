import { expect, test } from 'vitest'
import { fuse } from './fuse.ts'

const passage = (chunkId: number, cosineDistance: number, feedbackDistance: number | null) => ({
  chunkId,
  cosineDistance,
  feedbackDistance,
  bm25: null,
})
const order = (measured: readonly ReturnType<typeof passage>[]) =>
  fuse({ word: [], vector: measured, measured }, 0.2).map(({ chunkId }) => chunkId)

test('of two passages as near to the question, the one nearer to what the words put first leads', () => {
  expect(order([passage(1, 0.5, 0.9), passage(2, 0.5, 0.1)])).toEqual([2, 1])
})

test('without feedback the question alone decides', () => {
  expect(order([passage(1, 0.5, null), passage(2, 0.4, null)])).toEqual([2, 1])
})

test('a candidate without a vector keeps the share of its words', () => {
  const word = [
    { chunkId: 1, bm25: 2 },
    { chunkId: 2, bm25: 1 },
  ]
  const fused = fuse({ word, vector: [], measured: [passage(2, 0, 0)] }, 0.2)
  expect(fused).toMatchObject([
    { chunkId: 1, wordShare: 0.8, vectorShare: 0, cosineDistance: undefined },
    { chunkId: 2, wordShare: 0.4, vectorShare: 0.2, vectorRank: undefined },
  ])
})

test('what only the vector leg found counts with its words too', () => {
  const word = [{ chunkId: 1, bm25: 2 }]
  const measured = [{ ...passage(2, 0, null), bm25: 1 }]
  expect(fuse({ word, vector: measured, measured }, 0.2)).toMatchObject([
    { chunkId: 1, wordShare: 0.8, vectorShare: 0 },
    { chunkId: 2, wordShare: 0.4, vectorShare: 0.2, bm25: 1, wordRank: undefined, vectorRank: 1 },
  ])
})

test('as many candidates as there may be are fused', () => {
  const word = Array.from({ length: 200_000 }, (_, chunkId) => ({ chunkId, bm25: 1 }))
  expect(fuse({ word, vector: [], measured: [] }, 0.2)).toHaveLength(200_000)
})
