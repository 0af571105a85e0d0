import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The bundled posts' vectors, made by `scripts/embed-sample.ts`, so that a first start need not wait minutes for them. */
export const bundledVectors = fileURLToPath(new URL('../sample/vectors.bin', import.meta.url))

/** Bytes of a text's SHA-256 that tell it from the others. */
const keyBytes = 8

export interface KnownVectors {
  readonly size: number
  /** Undefined for a text that is not in the file: one that was cut in another way, for example. */
  find(text: string): Float32Array | undefined
}

/**
 * A line with the model's name, then for each text, in the order of the keys, its key and its vector's components as
 * bytes, the largest of them ±127: of a direction no more is needed..
 */
export function writeVectors(file: string, model: string, vectors: ReadonlyMap<string, Float32Array>): void {
  const records = [...vectors].map(([text, vector]) => {
    const largest = Math.max(...vector.map(Math.abs))
    const bytes = Int8Array.from(vector, (component) => Math.round((component / largest) * 127))
    return Buffer.concat([keyOf(text), Buffer.from(bytes.buffer)])
  })
  writeFileSync(file, Buffer.concat([Buffer.from(`${model}\n`), ...records.sort(Buffer.compare)]))
}

/** Vectors of another model are as good as none, and so is a file that is not there. Their length is not 1. */
export function readVectors(file: string, model: string, dimension: number): KnownVectors {
  const bytes = existsSync(file) ? readFileSync(file) : Buffer.alloc(0)
  const head = `${model}\n`
  const isOfModel = bytes.toString('utf8', 0, Buffer.byteLength(head)) === head
  const places = new Map<string, number>()
  const step = keyBytes + dimension
  for (let at = Buffer.byteLength(head); isOfModel && at + step <= bytes.length; at += step) {
    places.set(bytes.toString('hex', at, at + keyBytes), at + keyBytes)
  }
  return {
    size: places.size,
    find(text) {
      const at = places.get(keyOf(text).toString('hex'))
      return at === undefined
        ? undefined
        : Float32Array.from(new Int8Array(bytes.buffer, bytes.byteOffset + at, dimension))
    },
  }
}

function keyOf(text: string): Buffer {
  return createHash('sha256').update(text).digest().subarray(0, keyBytes)
}
