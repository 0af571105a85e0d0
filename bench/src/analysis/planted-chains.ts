import type { GivenContent } from '@extropy/api/patterns'

export interface PublicPost {
  readonly id: string
  readonly platform: string
  readonly title: string
  readonly body: string
  readonly language?: string | null
  readonly published_at: string
}

export interface Planted {
  readonly contents: readonly GivenContent[]
  /** Ids from older to newer, one after the other. */
  readonly links: ReadonlySet<string>
}

export const linkKey = (older: string, newer: string): string => `${older} > ${newer}`

/** Words that say the same, for rewriting a sentence as its author would in another place. */
const synonyms: Readonly<Record<string, string>> = {
  use: 'rely on',
  uses: 'relies on',
  make: 'build',
  makes: 'builds',
  show: 'demonstrate',
  many: 'lots of',
  several: 'a number of',
  important: 'crucial',
  big: 'large',
  new: 'fresh',
  fast: 'quick',
  also: 'too',
  however: 'but',
  start: 'begin',
  help: 'assist',
  need: 'require',
  problem: 'trouble',
  change: 'alter',
  simple: 'easy',
  good: 'fine',
  find: 'discover',
  way: 'manner',
  because: 'since',
  different: 'other',
  people: 'folks',
  better: 'nicer',
  often: 'frequently',
  quickly: 'fast',
  error: 'mistake',
  write: 'author',
  want: 'would like',
}

/**
 * Seed, thread and essay out of public posts: the essay is a post as it is, the thread a handful of its sentences, shortened and reworded, the
 * seed one or two of these, reworded once more, months apart and on three platforms. Without chance: the same posts give the same chains.
 */
export function plantChains(posts: readonly PublicPost[], chainCount: number): Planted {
  const random = createRandom(7)
  const usable = posts.filter((post) => sentencesOf(post.body).length >= 14)
  const step = usable.length / chainCount
  const links = new Set<string>()
  const contents: GivenContent[] = posts.map((post) => ({ ...given(post) }))
  for (let number = 0; number < chainCount; number++) {
    const post = usable[Math.floor(number * step)] as PublicPost
    const sentences = sentencesOf(post.body).slice(0, 40)
    const taken = pick(sentences, 5 + Math.floor(random() * 4), random)
    const thread = taken.map((sentence, at) => `${at + 1}/ ${reword(sentence, random, 0.3)}`)
    const seed = pick(taken, 1 + Math.floor(random() * 2), random).map((sentence) => reword(sentence, random, 0.45))
    const at = (months: number) => new Date(Date.parse(post.published_at) - months * 30 * 86_400_000).toISOString()
    const [seedId, threadId] = [`seed-${number}`, `thread-${number}`]
    const common = { language: 'en', embedding: null }
    contents.push({ ...common, id: seedId, platform: 'twitter', title: '', body: seed.join(' '), at: at(8) })
    contents.push({ ...common, id: threadId, platform: 'linkedin', title: '', body: thread.join('\n\n'), at: at(3) })
    links.add(linkKey(seedId, threadId))
    links.add(linkKey(threadId, post.id))
  }
  return { contents, links }
}

const given = ({ id, platform, title, body, language, published_at: at }: PublicPost): GivenContent => ({
  id,
  platform,
  title,
  body,
  language: language ?? null,
  at: new Date(at).toISOString(),
  embedding: null,
})

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' })

function sentencesOf(body: string): string[] {
  const prose = body
    .replace(/```[\s\S]*?```/g, '')
    .split(/\n\n+/)
    .filter((block) => !/^[#>|\-*\d<]/.test(block))
  return prose
    .flatMap((block) => [...segmenter.segment(block.replace(/\s+/g, ' '))].map(({ segment }) => segment.trim()))
    .map((sentence) => sentence.replace(/\[([^\]]+)\]\([^)]*\)/g, '$1').replace(/[*_`]/g, ''))
    .filter((sentence) => /^[A-Z].*[.!?]$/.test(sentence) && sentence.split(' ').length >= 8)
}

/** Each word goes or is replaced with a chance; parentheses go, and a long sentence is cut at its last comma. */
function reword(sentence: string, random: () => number, share: number): string {
  const short = sentence.replace(/\s*\([^)]*\)/g, '').replace(/, (?:which|where|so|and) [^,]*([.!?])$/, '$1')
  const words = short.split(' ').flatMap((word) => {
    const bare = word.toLowerCase()
    if (bare in synonyms && random() < 2 * share) return [synonyms[bare] as string]
    if (/^(?:the|a|an|very|really|just|that|then|also|quite|some|more|most|this|these|of)$/.test(bare)) {
      return random() < share ? [] : [word]
    }
    return random() < share / 5 ? [] : [word]
  })
  return words.join(' ')
}

function pick<Each>(list: readonly Each[], count: number, random: () => number): Each[] {
  const places = new Set<number>()
  while (places.size < Math.min(count, list.length)) places.add(Math.floor(random() * list.length))
  return [...places].sort((a, b) => a - b).map((place) => list[place] as Each)
}

/** A linear congruence: the same numbers in every run. */
export function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return (state >>> 8) / (0x7fffffff >>> 8)
  }
}
