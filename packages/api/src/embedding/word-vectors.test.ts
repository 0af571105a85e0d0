import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dimension, loadWordVectors } from './word-vectors.ts'

let folder: string
let source: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'extropy-words-'))
  source = join(folder, 'source.json')
  // The words that a reader looking for the object's key could trip over are among them.
  const words = ['the', 'vectors', '"', 'é', '],"']
  const vectors = Object.fromEntries(
    words.map((word, rank) => [word, [...Array(dimension).fill(0).with(rank, 2), 2, rank]]),
  )
  writeFileSync(source, JSON.stringify({ size: words.length, words, vectors, unkVector: [] }))
})
afterAll(() => rmSync(folder, { recursive: true }))

const cacheDir = () => join(folder, 'cache')
const packedFile = () => join(cacheDir(), readdirSync(cacheDir())[0] as string)

test('words keep their rank, and vectors their direction at length 1', () => {
  const { rows, components, scales } = loadWordVectors(cacheDir(), source)
  expect([...rows]).toEqual([
    ['the', 0],
    ['vectors', 1],
    ['"', 2],
    ['é', 3],
    ['],"', 4],
  ])
  expect((components[3 * dimension + 3] ?? 0) * (scales[3] ?? 0)).toBeCloseTo(1)
  expect(components[3 * dimension + 2]).toBe(0)
})

test('they are packed once; a packed file that was cut short is made anew', () => {
  const whole = statSync(packedFile())
  loadWordVectors(cacheDir(), source)
  expect(statSync(packedFile()).mtimeMs).toBe(whole.mtimeMs)
  truncateSync(packedFile(), whole.size - 1)
  expect(loadWordVectors(cacheDir(), source).rows.size).toBe(5)
  expect(statSync(packedFile()).size).toBe(whole.size)
})
