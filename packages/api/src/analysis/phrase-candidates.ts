import { stem } from './porter.ts'
import type { RankOf } from './word-ranks.ts'
import { readWords, type Word } from './words.ts'

/** A line that phrases are looked for in. */
export interface PhraseLine {
  readonly text: string
  readonly isTitle: boolean
}

interface Occurrence {
  /** The line's number, and the place in it. */
  readonly line: number
  readonly start: number
  readonly end: number
  /** Whether the run of content words that it stands in is no longer than it. */
  readonly isWholeRun: boolean
  readonly isFirstInLine: boolean
}

export interface Candidate {
  /** Stems: occurrences with other endings are of one phrase. */
  readonly key: string
  readonly words: readonly Word[]
  readonly occurrences: readonly Occurrence[]
  /** Words of the whole text in front of its first occurrence. */
  readonly firstAt: number
}

export interface Candidates {
  readonly all: readonly Candidate[]
  readonly wordCount: number
  /** By stem. */
  readonly countOf: ReadonlyMap<string, number>
}

const longest = 5

/** Common verbs and adverbs that stand beside nouns but belong to none. English. */
const notInPhrases = new Set(
  `allow allows allowed appear appears apply applied applies argue argues argued based become begin begins bring brings call called calls
  cause caused causes change changes come comes compare compared consider considered considers contain contains consists create created
  creates demonstrate demonstrated demonstrates derive derived describe described describes determine determined develop developed
  discuss discussed discusses employ employed enable enables ensure ensures establish established evaluate evaluated examine examined
  examines exist existing exists explain explains explore explores find finds follow followed following follows found help helps
  identify identified illustrate illustrated illustrates improve improved improves include included includes including increase
  increased increases introduce introduced introduces investigate investigated involve involved involves know known knows lead leads
  led lie look looks mean means meet need needed needs obtain obtained obtains occur occurs offer offers perform performed point
  present presented presents prove proved provide provided provides providing reduce reduced reduces remain remains report reported
  reports represent represents require required requires result resulted reveal reveals review reviews seek seeks serve serves set
  show showed shown shows solve solved start started studied suggest suggests support supported supports tell think told try turn
  turned turns understand understood viewed work works write written yield yields able available best better big certain common
  different difficult easy entire essential good great higher important interesting large larger last likely little long lower main
  major necessary new next novel old particular possible potential present previous real recent respective second significant
  similar simple single small special specific such third total true typical useful well whole wide actually ago also eventually
  finally first generally highly however mainly particularly previously recently significantly simply therefore today together
  tomorrow typically yesterday`.split(/\s+/),
)

/** Runs of content words between stop words and marks, and all parts of them, as far as they could be phrases. */
export function readCandidates(
  lines: readonly PhraseLine[],
  stopWords: ReadonlySet<string> | undefined,
  isEnglish: boolean,
): Candidates {
  const found = new Map<string, { words: Word[]; occurrences: Occurrence[]; firstAt: number }>()
  const countOf = new Map<string, number>()
  let wordCount = 0
  const isEmpty = (word: Word) =>
    stopWords === undefined ? [...word.lower].length < 4 : stopWords.has(word.lower) || /^\p{L}$/u.test(word.lower)
  for (const [line, { text }] of lines.entries()) {
    const words = readWords(text)
    const stems = words.map(({ lower }) => stem(lower))
    for (const key of stems) countOf.set(key, (countOf.get(key) ?? 0) + 1)
    let from = 0
    while (from < words.length) {
      const first = words[from] as Word
      if (isEmpty(first)) {
        from++
        continue
      }
      let to = from + 1
      while (
        to < words.length &&
        !isEmpty(words[to] as Word) &&
        isJoined(text, words[to - 1] as Word, words[to] as Word)
      )
        to++
      for (let start = from; start < to; start++) {
        for (let end = start + 1; end <= Math.min(to, start + longest); end++) {
          const part = words.slice(start, end)
          if (!couldBePhrase(part, isEnglish)) continue
          const key = stems.slice(start, end).join(' ')
          const known = found.get(key) ?? { words: part, occurrences: [], firstAt: wordCount + start }
          known.occurrences.push({
            line,
            start: (part[0] as Word).start,
            end: (part.at(-1) as Word).end,
            isWholeRun: start === from && end === to,
            isFirstInLine: start === 0,
          })
          found.set(key, known)
        }
      }
      from = to
    }
    wordCount += words.length
  }
  return { all: [...found].map(([key, rest]) => ({ key, ...rest })), wordCount, countOf }
}

/** Words of one phrase have a space between them, and nothing else. */
const isJoined = (text: string, one: Word, next: Word): boolean => /^\s+$/.test(text.slice(one.end, next.start))

function couldBePhrase(words: readonly Word[], isEnglish: boolean): boolean {
  const [first, last] = [words[0] as Word, words.at(-1) as Word]
  if (words.every(({ lower }) => /^[\d.,]+$/.test(lower))) return false
  if (words.length === 1 && first.lower.length < 3 && first.text === first.lower) return false
  if (/^\d+$/.test(last.lower) && words.length > 2) return false
  return !isEnglish || !(/\wly$/.test(last.lower) && !/^(?:family|supply|assembly|anomaly|reply)$/.test(last.lower))
}

const isBareVerb = (word: Word): boolean => notInPhrases.has(word.lower)

const nounEnding =
  /(?:tion|sion|ity|ment|ness|ism|ance|ence|ship|ure|age|logy|graphy|sis|er|or|ist|ware|work|system|s)$/
const adjectiveEnding = /(?:al|ic|ous|ive|able|ible|ful|less|ary|ian|ese|ish|ant|ent|ar)$/

/** Cues of a candidate being what the text is about. `idfOf`: how rare a stem is in the collection, 0 to 1, where that is known. */
export function phraseCues(
  candidate: Candidate,
  { wordCount, countOf }: Candidates,
  lines: readonly PhraseLine[],
  rankOf: RankOf,
  idfOf?: (stem: string) => number,
): Record<string, number> {
  const { words, occurrences, key } = candidate
  const [first, last] = [words[0] as Word, words.at(-1) as Word]
  const count = occurrences.length
  const wholeShare = occurrences.filter(({ isWholeRun }) => isWholeRun).length / count
  const logRanks = words.map(({ lower }) => (idfOf === undefined ? Math.log(rankOf(lower)) / 10.3 : idfOf(stem(lower))))
  const inner = occurrences.filter(({ isFirstInLine }) => !isFirstInLine)
  const isTitled = inner.length > 0 && inner.every(({ line, start }) => /\p{Lu}/u.test(lines[line]?.text[start] ?? ''))
  const stemCounts = key.split(' ').map((part) => countOf.get(part) ?? 1)
  const length = words.length
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  return {
    [`words${length}`]: 1,
    count: Math.log(count),
    [`count${Math.min(length, 3)}`]: Math.log(count),
    density: Math.log((1000 * count) / (wordCount + 100)),
    wholeShare,
    neverWhole: wholeShare === 0 ? 1 : 0,
    wordsBeforeLog: Math.log1p(candidate.firstAt) / 5,
    early: candidate.firstAt / (wordCount + 1),
    inTitle: occurrences.some(({ line }) => lines[line]?.isTitle) ? 1 : 0,
    meanRank: sum(logRanks) / length,
    leastRank: Math.min(...logRanks),
    mostRank: Math.max(...logRanks),
    lastRank: logRanks.at(-1) ?? 0,
    [`meanRank${Math.min(length, 3)}`]: sum(logRanks) / length,
    stemCounts: sum(stemCounts.map((n) => Math.log(n))) / length,
    leastStemCount: Math.log(Math.min(...stemCounts)),
    boundness: Math.log(count / Math.max(...stemCounts)),
    bareFirst: isBareVerb(first) ? 1 : 0,
    bareLast: isBareVerb(last) ? 1 : 0,
    bareInside: words.slice(1, -1).some(isBareVerb) ? 1 : 0,
    adverbFirst: /\w{2}ly$/.test(first.lower) ? 1 : 0,
    nounLast: nounEnding.test(last.lower) ? 1 : 0,
    pluralLast: /[^s]s$/.test(last.lower) ? 1 : 0,
    adjectiveLast: adjectiveEnding.test(last.lower) ? 1 : 0,
    [`adjectiveFirst${length > 1 ? 'OfSeveral' : ''}`]: adjectiveEnding.test(first.lower) ? 1 : 0,
    edFirst: /\wed$/.test(first.lower) ? 1 : 0,
    edLast: /\wed$/.test(last.lower) ? 1 : 0,
    ingFirst: /\wing$/.test(first.lower) ? 1 : 0,
    ingLast: /\wing$/.test(last.lower) ? 1 : 0,
    capitals: words.some(({ text }) => /^\p{Lu}[\p{Lu}\d-]+s?$/u.test(text)) ? 1 : 0,
    name: isTitled ? 1 : 0,
    digits: words.some(({ lower }) => /\d/.test(lower)) ? 1 : 0,
    hyphen: words.some(({ lower }) => lower.includes('-')) ? 1 : 0,
    letters: sum(words.map(({ lower }) => lower.length)) / length / 10,
    short: wordCount < 120 ? 1 : 0,
    long: wordCount > 300 ? 1 : 0,
  }
}
