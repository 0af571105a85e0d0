/**
 * Two passages are near-duplicates where four fifths of their word triples are the same (the resemblance of Broder, On the
 * resemblance and containment of documents, 1997): release notes of one version and the next, a post and its repost. Passages
 * that overlap by a sentence are far below.
 */
const nearDuplicate = 0.8
const shingleLength = 3

/** Tells, passage after passage, which earlier one it repeats. */
export function createFolder() {
  const kept: Int32Array[] = []

  return {
    /** The number, 0 for the first kept, of the passage that `text` nearly repeats; undefined where it is new, and then kept. */
    findOrKeep(text: string): number | undefined {
      const shingles = shinglesOf(text)
      const at = kept.findIndex((other) => isNearDuplicate(shingles, other))
      if (at !== -1) return at
      kept.push(shingles)
      return undefined
    },
  }
}

function isNearDuplicate(a: Int32Array, b: Int32Array): boolean {
  // Not even the smaller one as a whole would be enough.
  if (Math.min(a.length, b.length) < nearDuplicate * Math.max(a.length, b.length)) return false
  const shared = countShared(a, b)
  return shared / (a.length + b.length - shared) >= nearDuplicate
}

/** Both in ascending order, without repetitions. */
function countShared(a: Int32Array, b: Int32Array): number {
  let shared = 0
  for (let atA = 0, atB = 0; atA < a.length && atB < b.length; ) {
    const difference = (a[atA] ?? 0) - (b[atB] ?? 0)
    if (difference === 0) shared++
    if (difference <= 0) atA++
    if (difference >= 0) atB++
  }
  return shared
}

/**
 * Word triples by a 32-bit hash, ascending, each once: strings would cost ten times as much, and a collision moves a
 * resemblance by a hundredth.
 */
function shinglesOf(text: string): Int32Array {
  const words = (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [text]).map(hash)
  const shingles = new Int32Array(Math.max(1, words.length - shingleLength + 1))
  for (let start = 0; start < shingles.length; start++) {
    let mixed = 0
    for (let at = start; at < Math.min(words.length, start + shingleLength); at++) {
      mixed = Math.imul(mixed, 0x01000193) ^ (words[at] ?? 0)
    }
    shingles[start] = mixed
  }
  return withoutRepetitions(shingles.sort())
}

function withoutRepetitions(ascending: Int32Array): Int32Array {
  return ascending.filter((value, at) => at === 0 || value !== ascending[at - 1])
}

/** FNV-1a. */
function hash(word: string): number {
  let mixed = 0x811c9dc5
  for (let at = 0; at < word.length; at++) mixed = Math.imul(mixed ^ word.charCodeAt(at), 0x01000193)
  return mixed
}
