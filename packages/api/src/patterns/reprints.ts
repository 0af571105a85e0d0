import { createPairMemo } from './pair-memo.ts'
import { byAge, type Profile } from './profile.ts'

export interface Reprint {
  /** The oldest first. */
  readonly members: readonly Profile[]
  /** Of each member with the oldest; the oldest's own is 1. */
  readonly jaccards: readonly number[]
}

/** A tenth of the words changed leaves some 0.57 of shingles of three; another text on the same matter has below 0.1. */
export const leastJaccard = 0.45
const fewestShingles = 6

const jaccards = createPairMemo<ReadonlySet<number>>()

/** The same text again, under another address or with small changes: exact Jaccard of shingles; candidates by their smallest ones. */
export function findReprints(profiles: readonly Profile[]): Reprint[] {
  const sorted = profiles.filter(({ shingles }) => shingles.size >= fewestShingles).toSorted(byAge)
  const bySketch = new Map<number, number[]>()
  const leaderOf = new Map<number, { leader: number; jaccard: number }>()
  for (const [at, profile] of sorted.entries()) {
    const { sketch } = profile
    const candidates = new Set(sketch.flatMap((shingle) => bySketch.get(shingle) ?? []))
    let best: { leader: number; jaccard: number } | undefined
    for (const candidate of candidates) {
      const jaccard = jaccards.get(profile.shingles, (sorted[candidate] as Profile).shingles, jaccardOf)
      if (jaccard >= leastJaccard && jaccard > (best?.jaccard ?? 0)) {
        best = { leader: leaderOf.get(candidate)?.leader ?? candidate, jaccard }
      }
    }
    if (best !== undefined) leaderOf.set(at, best)
    for (const shingle of sketch) bySketch.set(shingle, [...(bySketch.get(shingle) ?? []), at])
  }
  const groups = new Map<number, { members: Profile[]; jaccards: number[] }>()
  for (const [at, { leader, jaccard }] of leaderOf) {
    const group = groups.get(leader) ?? { members: [sorted[leader] as Profile], jaccards: [1] }
    group.members.push(sorted[at] as Profile)
    group.jaccards.push(jaccard)
    groups.set(leader, group)
  }
  return [...groups.values()]
}

export function jaccardOf(a: ReadonlySet<number>, b: ReadonlySet<number>): number {
  const [small, large] = a.size < b.size ? [a, b] : [b, a]
  if (small.size === 0 || small.size / large.size < leastJaccard) return 0
  let shared = 0
  for (const shingle of small) if (large.has(shingle)) shared++
  return shared / (a.size + b.size - shared)
}
