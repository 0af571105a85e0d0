import { expect, test } from 'vitest'
import { fuse } from './fuse.ts'

const passage = (chunkId: number, cosineDistance: number | null) => ({ chunkId, cosineDistance, bm25: null })

test('of passages without the words the nearest leads', () => {
  const measured = [passage(1, 0.5), passage(2, 0.4)]
  const vector = [
    { chunkId: 2, cosineDistance: 0.4 },
    { chunkId: 1, cosineDistance: 0.5 },
  ]
  expect(fuse({ word: [], vector, measured }, 0.2).map(({ chunkId }) => chunkId)).toEqual([2, 1])
})

test('in a candidate that has no vector, or none yet, the words have all the weight', () => {
  const word = [
    { chunkId: 1, bm25: 4 },
    { chunkId: 2, bm25: 2 },
    { chunkId: 3, bm25: 2 },
    { chunkId: 4, bm25: 2 },
  ]
  const measured = [passage(1, null), passage(2, 0), passage(3, 0.5), passage(4, null)]
  const fused = fuse({ word, vector: [], measured }, 0.4)
  expect(fused).toMatchObject([
    { chunkId: 1, wordShare: 1, vectorShare: 0, cosineDistance: undefined },
    { chunkId: 2, wordShare: 0.3, vectorShare: 0.4, vectorRank: undefined },
    { chunkId: 3, wordShare: 0.3, vectorShare: 0.2 },
    { chunkId: 4, wordShare: 0.5, vectorShare: 0 },
  ])
})

test('where no candidate has a vector, the words have all the weight', () => {
  const word = [{ chunkId: 1, bm25: 4 }]
  expect(fuse({ word, vector: [], measured: [passage(1, null)] }, 0.4)).toMatchObject([
    { wordShare: 1, vectorShare: 0 },
  ])
})

test('what only the vector leg found counts with its words too', () => {
  const word = [{ chunkId: 1, bm25: 2 }]
  const measured = [{ ...passage(2, 0), bm25: 1 }, passage(1, 1)]
  const vector = [{ chunkId: 2, cosineDistance: 0 }]
  expect(fuse({ word, vector, measured }, 0.2)).toMatchObject([
    { chunkId: 1, wordShare: 0.8, vectorShare: 0 },
    { chunkId: 2, wordShare: 0.4, vectorShare: 0.2, bm25: 1, wordRank: undefined, vectorRank: 1 },
  ])
})

test('as many candidates as there may be are fused', () => {
  const word = Array.from({ length: 200_000 }, (_, chunkId) => ({ chunkId, bm25: 1 }))
  expect(fuse({ word, vector: [], measured: [] }, 0.2)).toHaveLength(200_000)
})
