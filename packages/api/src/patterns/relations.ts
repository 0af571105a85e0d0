import { rankPhrases } from '../analysis/keyphrases.ts'
import { stem } from '../analysis/porter.ts'
import { openWordRanks } from '../analysis/word-ranks.ts'
import {
  type Chain,
  chainsOf,
  type Elaboration,
  findElaborations,
  type OpenPair,
  type SaysSame,
} from './elaborations.ts'
import { type Evidence, type FoundPattern, patternsVersion, quoteOf, round } from './pattern.ts'
import { idOf, type Profile } from './profile.ts'
import { findReprints, jaccardOf, leastJaccard, type Reprint } from './reprints.ts'

const reprintMethod = 'exact Jaccard of shingles of three words'
const elaborationMethod = 'sentences aligned by rare words and vectors'
const [mostKept, mostAdded] = [5, 6]

/** Reprints and elaborations among contents, and the pairs of sentences that only vectors can tell. */
export function findRelations(
  owner: string,
  profiles: readonly Profile[],
  saysSame?: SaysSame,
): { patterns: FoundPattern[]; open: readonly OpenPair[] } {
  const areReprints = (a: Profile, b: Profile) => jaccardOf(a.shingles, b.shingles) >= leastJaccard
  const reprints = findReprints(profiles)
  // Only the oldest print of a text grows or has grown.
  const copies = new Set(reprints.flatMap(({ members }) => members.slice(1)))
  const { found, open } = findElaborations(
    profiles.filter((profile) => !copies.has(profile)),
    areReprints,
    saysSame,
  )
  const patterns = [
    ...reprints.map((reprint) => reprintPattern(owner, reprint)),
    ...chainsOf(found).map((chain) => elaborationPattern(owner, chain)),
  ]
  return { patterns, open }
}

const nameOf = ({ title, sentences }: Profile): string => {
  const name = title !== '' ? title : (sentences[0]?.text ?? 'a text without a sentence')
  return name.length > 80 ? `${name.slice(0, 79)}…` : name
}

function reprintPattern(owner: string, { members, jaccards }: Reprint): FoundPattern {
  const [first] = members as [Profile]
  const platforms = new Set(members.map(({ platform }) => platform)).size
  return {
    id: idOf(owner, 'reprint', first.id),
    type: 'reprint',
    description: `«${nameOf(first)}» ${members.length} times${platforms > 1 ? `, on ${platforms} platforms` : ''}`,
    confidenceScore: round(Math.min(...jaccards)),
    method: reprintMethod,
    version: patternsVersion,
    evidence: members.map(({ id, sentences }, at) => ({
      contentId: id,
      strength: round(jaccards[at] ?? 0),
      quotes: sentences.slice(0, 1).map(quoteOf),
    })),
  }
}

function elaborationPattern(owner: string, { members, steps }: Chain): FoundPattern {
  const [root, ...rest] = members as [Profile, ...Profile[]]
  const last = rest.at(-1) ?? root
  const platforms = [...new Set(members.map(({ platform }) => platform))]
  const evidence: Evidence[] = [
    { contentId: root.id, strength: 1, quotes: root.sentences.slice(0, 1).map(quoteOf) },
    ...steps.map(stepOf),
  ]
  const across = platforms.length > 1 ? ` (${platforms.join(', ')})` : ''
  return {
    id: idOf(owner, 'elaboration', root.id),
    type: 'elaboration',
    description: `«${nameOf(root)}» grew into «${nameOf(last)}» in ${steps.length} step${steps.length > 1 ? 's' : ''}${across}`,
    confidenceScore: round(steps.reduce((sum, { coverage }) => sum + coverage, 0) / steps.length),
    method: elaborationMethod,
    version: patternsVersion,
    evidence,
  }
}

const addedOf = new WeakMap<Profile, WeakMap<Profile, string[]>>()

export function stepOf({ older, newer, coverage, aligned }: Elaboration): Evidence {
  const kept = aligned.toSorted((a, b) => b.strength - a.strength || a.older.start - b.older.start).slice(0, mostKept)
  return {
    contentId: newer.id,
    from: older.id,
    strength: round(coverage),
    growth: round(newer.length / Math.max(1, older.length)),
    added: addedBy(older, newer),
    quotes: kept.map((each) => quoteOf(each.newer)),
    kept: kept.map((each) => ({
      older: quoteOf(each.older),
      newer: quoteOf(each.newer),
      strength: round(each.strength),
    })),
  }
}

/** The newer one's phrases none of whose words the older one has; looked for once for the same two. */
function addedBy(older: Profile, newer: Profile): string[] {
  const known = addedOf.get(older) ?? new WeakMap<Profile, string[]>()
  addedOf.set(older, known)
  const added = known.get(newer) ?? findAdded(older, newer)
  known.set(newer, added)
  return added
}

function findAdded(older: Profile, newer: Profile): string[] {
  const lines = newer.sentences.map(({ text }) => ({ text, isTitle: false }))
  return rankPhrases(lines, { language: newer.language, rankOf: openWordRanks(), most: 20 })
    .map(({ phrase }) => phrase)
    .filter((phrase) => phrase.split(/\s+/).every((word) => !older.stems.has(stem(word.toLowerCase()))))
    .slice(0, mostAdded)
}
