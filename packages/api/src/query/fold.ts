/**
 * Two passages are near-duplicates where four fifths of their word triples are the same (the resemblance of Broder, On the
 * resemblance and containment of documents, 1997): release notes of one version and the next, a post and its repost. Passages
 * that overlap by a sentence are far below.
 */
const nearDuplicate = 0.8
const shingleLength = 3

/** Tells, passage after passage, which earlier one it repeats. */
export function createFolder() {
  const sizes: number[] = []
  const passagesByShingle = new Map<number, number[]>()

  return {
    /** The number, 0 for the first kept, of the passage that `text` nearly repeats; undefined where it is new, and then kept. */
    findOrKeep(text: string): number | undefined {
      const shingles = shinglesOf(text)
      const shared = new Map<number, number>()
      for (const shingle of shingles) {
        for (const passage of passagesByShingle.get(shingle) ?? []) shared.set(passage, (shared.get(passage) ?? 0) + 1)
      }
      for (const [passage, count] of shared) {
        if (count / (shingles.size + (sizes[passage] ?? 0) - count) >= nearDuplicate) return passage
      }
      const kept = sizes.push(shingles.size) - 1
      for (const shingle of shingles) {
        const passages = passagesByShingle.get(shingle)
        if (passages === undefined) passagesByShingle.set(shingle, [kept])
        else passages.push(kept)
      }
      return undefined
    },
  }
}

/** Word triples by a 32-bit hash: strings would cost ten times as much, and a collision moves a resemblance by a hundredth. */
function shinglesOf(text: string): Set<number> {
  const words = (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [text]).map(hash)
  const starts = Math.max(1, words.length - shingleLength + 1)
  return new Set(
    Array.from({ length: starts }, (_, n) =>
      words.slice(n, n + shingleLength).reduce((mixed, word) => Math.imul(mixed, 0x01000193) ^ word, 0),
    ),
  )
}

/** FNV-1a. */
function hash(word: string): number {
  let mixed = 0x811c9dc5
  for (let at = 0; at < word.length; at++) mixed = Math.imul(mixed ^ word.charCodeAt(at), 0x01000193)
  return mixed
}
