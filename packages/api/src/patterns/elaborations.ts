import { createPairMemo, mostPairsKept } from './pair-memo.ts'
import { byAge, type Profile, type ProfiledSentence } from './profile.ts'
import { dot } from './vector-math.ts'

interface AlignedSentence {
  readonly older: ProfiledSentence
  readonly newer: ProfiledSentence
  /** 0 to 1: how surely the newer sentence says what the older one does. */
  readonly strength: number
}

/** A newer, longer content that says what an older, shorter one says, and more. */
export interface Elaboration {
  readonly older: Profile
  readonly newer: Profile
  /** Share of what the older one says that the newer one says too; rarer words say more. */
  readonly coverage: number
  readonly aligned: readonly AlignedSentence[]
}

/** Sentences whose words leave open whether they say the same: vectors decide. */
export interface OpenPair {
  readonly older: string
  readonly newer: string
}

export type SaysSame = (pair: OpenPair) => number | undefined

const leastGrowth = 1.3
const leastCoverage = 0.6
/** An older content of more sentences is no idea that grows, but a work by itself. */
const mostSentences = 80
const [askedStems, leastVotes] = [14, 0.4]
const nearestByVector = 6
/** Shared rare words of two sentences: from here on they say the same; below the other they do not. */
const [surely, hardly] = [0.62, 0.2]
/** Of an older content's words, by idf. */
const leastShared = 0.35
/** With 0.5 a hundredth of the planted links was wrong that words had not got wrong. */
const leastChance = 0.6
/** A sentence in so many contents is their frame, not their idea. */
const frameCount = 4
/** Of all that it says, by the square roots of its sentences' summed idf: less is no idea of its own. Of 200 planted chains 2.6 found 0.89, 3.8 found 0.81. */
const leastInformation = 2.8
/** Of pairs of contents that words leave open: so much is to be covered by words for vectors to be asked; a short text may say all in other words. */
const [openCoverage, shortPromise] = [0.25, 0.25]

export interface Comparison {
  readonly found: readonly Elaboration[]
  /** Pairs of sentences to compare by vectors, which may add to what was found; the most promising first. */
  readonly open: readonly OpenPair[]
}

/**
 * All older-to-newer pairs among contents. Two rounds: without `saysSame` it also tells which sentences are to be compared by vectors;
 * then it is called again with the answers.
 *
 * @param areReprints pairs that are the same text, and so no elaboration
 * @param idfOf how much a word says; by default the rarer it is among these contents
 */
export function findElaborations(
  profiles: readonly Profile[],
  areReprints: (a: Profile, b: Profile) => boolean,
  saysSame: SaysSame = () => undefined,
  idfOf?: (stem: string) => number,
): Comparison {
  const sorted = profiles.filter(({ sentences }) => sentences.length > 0).toSorted(byAge)
  const read = readCorpus(sorted)
  const corpus = idfOf === undefined ? read : { ...read, idfOf }
  const found: Elaboration[] = []
  const open: { promise: number; pairs: readonly OpenPair[] }[] = []
  for (const [at, older] of sorted.entries()) {
    if (older.sentences.length > mostSentences) continue
    const weighed = weighStems(older, corpus)
    const alignments = candidatesOf(older, at, sorted, { ...corpus, weighed })
      .filter((newer) => newer.at !== older.at && couldCover(older, newer, weighed) && !areReprints(older, newer))
      .map((newer) => align(older, newer, corpus, saysSame))
    const said = sayingsOf(older, alignments, corpus)
    for (const { newer, aligned, open: asked } of alignments) {
      const coverage = coverageOf(said, aligned)
      if (coverage >= leastCoverage)
        found.push({ older, newer, coverage, aligned: aligned.filter((each) => said.has(each.older)) })
      else open.push({ promise: coverage + (older.sentences.length < 4 ? shortPromise : 0), pairs: asked })
    }
  }
  const promising = open.filter(({ promise }) => promise >= openCoverage).sort((a, b) => b.promise - a.promise)
  return { found, open: promising.flatMap(({ pairs }) => pairs) }
}

/** Words that the newer one lacks altogether are in none of its sentences: that spares most pairs their alignment. */
function couldCover(older: Profile, newer: Profile, weighed: readonly Weighed[]): boolean {
  if (older.sentences.length < 4) return true
  let [all, shared] = [0, 0]
  for (const { stem, idf } of weighed) {
    all += idf
    if (newer.stems.has(stem)) shared += idf
  }
  return shared >= leastShared * all
}

interface Weighed {
  readonly stem: string
  readonly idf: number
}

const weighStems = ({ stems }: Profile, { idfOf }: Corpus): Weighed[] =>
  [...stems].map((stem) => ({ stem, idf: idfOf(stem) }))

/** Older sentences that count, with how much they say; those that are said again in too many newer contents are a frame, too. */
function sayingsOf(
  older: Profile,
  alignments: readonly Alignment[],
  { idfOf, frames }: Corpus,
): Map<ProfiledSentence, number> {
  const repeats = new Map<ProfiledSentence, number>()
  for (const { aligned } of alignments) {
    for (const { older: sentence } of aligned) repeats.set(sentence, (repeats.get(sentence) ?? 0) + 1)
  }
  return new Map(
    older.sentences
      .filter((sentence) => !frames.has(sentence.key) && (repeats.get(sentence) ?? 0) < frameCount)
      // Long sentences say more, but not in proportion: one enumeration would outweigh the idea.
      .map((sentence) => [sentence, Math.sqrt(sentence.stems.reduce((sum, stem) => sum + idfOf(stem), 0))]),
  )
}

function coverageOf(said: ReadonlyMap<ProfiledSentence, number>, aligned: readonly AlignedSentence[]): number {
  const all = [...said.values()].reduce((sum, information) => sum + information, 0)
  const covered = aligned.reduce((sum, { older, strength }) => sum + strength * (said.get(older) ?? 0), 0)
  return all < leastInformation ? 0 : covered / all
}

interface Corpus {
  readonly idfOf: (stem: string) => number
  readonly holders: ReadonlyMap<string, readonly number[]>
  readonly frames: ReadonlySet<string>
  /** By content: stem to the numbers of its sentences, made when it is first asked for. */
  readonly places: Map<Profile, Map<string, number[]>>
}

function readCorpus(profiles: readonly Profile[]): Corpus {
  const holders = new Map<string, number[]>()
  const counts = new Map<string, number>()
  for (const [at, { stems, sentences }] of profiles.entries()) {
    for (const stem of stems) {
      const list = holders.get(stem)
      if (list === undefined) holders.set(stem, [at])
      else list.push(at)
    }
    for (const key of new Set(sentences.map(({ key }) => key))) counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  // Among few contents a word of two of them is no commoner than others: the floor keeps the weights apart.
  const total = Math.max(profiles.length, 50)
  const frames = new Set([...counts].filter(([, count]) => count >= frameCount).map(([key]) => key))
  const idfs = new Map<string, number>()
  for (const [stem, { length }] of holders) idfs.set(stem, Math.log((total + 1) / (length + 0.5)))
  const unseen = Math.log((total + 1) / 0.5)
  return {
    idfOf: (stem) => idfs.get(stem) ?? unseen,
    holders,
    frames,
    places: new Map(),
  }
}

/** Newer, longer contents that share the rarest words, or lie nearest by their vectors. */
function candidatesOf(
  older: Profile,
  at: number,
  sorted: readonly Profile[],
  { weighed, holders }: Corpus & { readonly weighed: readonly Weighed[] },
): Profile[] {
  const asked = weighed
    .filter(({ stem }) => (holders.get(stem)?.length ?? 0) > 1)
    .sort((a, b) => b.idf - a.idf || (a.stem < b.stem ? -1 : 1))
    .slice(0, askedStems)
  const isLonger = (other: number) => other > at && (sorted[other] as Profile).length >= leastGrowth * older.length
  const votes = new Map<number, number>()
  for (const { stem, idf } of asked) {
    for (const other of holders.get(stem) ?? []) if (isLonger(other)) votes.set(other, (votes.get(other) ?? 0) + idf)
  }
  const all = asked.reduce((sum, { idf }) => sum + idf, 0)
  const chosen = new Set([...votes].filter(([, sum]) => sum >= leastVotes * all).map(([other]) => other))
  if (older.vector !== undefined) {
    const near: { other: number; likeness: number }[] = []
    for (let other = at + 1; other < sorted.length; other++) {
      const { vector } = sorted[other] as Profile
      if (vector === undefined || vector.length !== older.vector.length || !isLonger(other)) continue
      near.push({ other, likeness: likenessOf(older.vector, vector, sorted.length) })
    }
    near.sort((a, b) => b.likeness - a.likeness || a.other - b.other)
    for (const { other, likeness } of near.slice(0, nearestByVector)) if (likeness > 0.35) chosen.add(other)
  }
  return [...chosen].sort((a, b) => a - b).map((other) => sorted[other] as Profile)
}

const likenesses = createPairMemo<Float32Array>()
const likenessOf = (a: Float32Array, b: Float32Array, contents: number): number =>
  contents ** 2 / 2 > mostPairsKept ? dot(a, b) : likenesses.get(a, b, dot)

interface Alignment {
  readonly newer: Profile
  readonly aligned: readonly AlignedSentence[]
  readonly open: readonly OpenPair[]
}

function align(older: Profile, newer: Profile, corpus: Corpus, saysSame: SaysSame): Alignment {
  const { idfOf, frames } = corpus
  const places = placesOf(newer, corpus)
  const aligned: AlignedSentence[] = []
  const open: OpenPair[] = []
  for (const sentence of older.sentences) {
    if (frames.has(sentence.key)) continue
    const weights = sentence.stems.map(idfOf)
    const shared = new Map<number, number>()
    for (const [at, stem] of sentence.stems.entries()) {
      for (const place of places.get(stem) ?? []) shared.set(place, (shared.get(place) ?? 0) + (weights[at] ?? 0))
    }
    const best = [...shared].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, 3)
    const [first] = best
    if (first === undefined) continue
    const share = shareOf(sentence, newer, first, weights)
    let strength = share >= surely ? share : 0
    let partner = newer.sentences[first[0]] as ProfiledSentence
    if (strength === 0 && share >= hardly) {
      for (const [place] of best) {
        const candidate = newer.sentences[place] as ProfiledSentence
        const pair = { older: sentence.text, newer: candidate.text }
        const chance = saysSame(pair)
        if (chance === undefined) open.push(pair)
        else if (chance > leastChance && chance > strength) {
          strength = chance
          partner = candidate
        }
      }
    }
    if (strength === 0) continue
    aligned.push({ older: sentence, newer: partner, strength })
  }
  return { newer, aligned, open }
}

/** An older sentence may be said in two that follow each other. */
function shareOf(
  sentence: ProfiledSentence,
  newer: Profile,
  [place, sum]: [number, number],
  weights: readonly number[],
): number {
  const all = weights.reduce((total, weight) => total + weight, 0) || 1
  const around = [place - 1, place + 1].map((next) => {
    const [here, there] = [newer.sentences[place]?.stems ?? [], newer.sentences[next]?.stems ?? []]
    const more = sentence.stems.reduce(
      (total, stem, at) => total + (!here.includes(stem) && there.includes(stem) ? (weights[at] ?? 0) : 0),
      0,
    )
    return sum + more
  })
  return Math.max(sum / all, Math.max(...around) / all - 0.05)
}

function placesOf(profile: Profile, { places }: Corpus): Map<string, number[]> {
  const known = places.get(profile)
  if (known !== undefined) return known
  const made = new Map<string, number[]>()
  for (const [number, { stems }] of profile.sentences.entries()) {
    for (const stem of stems) {
      const list = made.get(stem)
      if (list === undefined) made.set(stem, [number])
      else list.push(number)
    }
  }
  places.set(profile, made)
  return made
}

/** An idea's life: contents that grew out of each other, the oldest first. */
export interface Chain {
  readonly members: readonly Profile[]
  /** One a member but the first: what it grew out of. */
  readonly steps: readonly Elaboration[]
}

/** Each content grew out of the one that it takes most from; what hangs together is one chain. */
export function chainsOf(found: readonly Elaboration[]): Chain[] {
  const parents = parentsOf(found)
  const rootOf = (profile: Profile): Profile => {
    const parent = parents.get(profile)
    return parent === undefined ? profile : rootOf(parent.older)
  }
  const chains = new Map<Profile, Elaboration[]>()
  for (const step of parents.values()) {
    const root = rootOf(step.older)
    chains.set(root, [...(chains.get(root) ?? []), step])
  }
  return [...chains].map(([root, steps]) => {
    const sorted = steps.toSorted((a, b) => byAge(a.newer, b.newer))
    return { members: [root, ...sorted.map(({ newer }) => newer)], steps: sorted }
  })
}

/** By content what it takes most from. */
export function parentsOf(found: readonly Elaboration[]): Map<Profile, Elaboration> {
  const parents = new Map<Profile, Elaboration>()
  const weight = ({ older, coverage }: Elaboration) => coverage * Math.log(2 + older.length)
  for (const each of found) {
    const known = parents.get(each.newer)
    if (known === undefined || weight(each) > weight(known)) parents.set(each.newer, each)
  }
  return parents
}
