import { createHash, type Hash } from 'node:crypto'

export type PartSums = Readonly<Record<string, { readonly rows: number; readonly hash: string }>>

/** Counts and hashes the lines of each part, as they stand in the file. */
export function createPartSums() {
  const parts = new Map<string, { rows: number; readonly hash: Hash }>()
  return {
    add(part: string, line: string): void {
      const sum = parts.get(part) ?? { rows: 0, hash: createHash('sha256') }
      parts.set(part, sum)
      sum.rows++
      sum.hash.update(line).update('\n')
    },
    read: (): PartSums =>
      Object.fromEntries([...parts].map(([part, { rows, hash }]) => [part, { rows, hash: hash.copy().digest('hex') }])),
  }
}
