import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Analyst, Embedder } from '@extropy/api'
import { type analyseText, openWordRanks } from '@extropy/api/analysis'
import {
  chainsOf,
  dot,
  findElaborations,
  type GivenContent,
  jaccardOf,
  leastJaccard,
  profileOf,
  sameSaying,
} from '@extropy/api/patterns'
import type { Figure } from './measure-methods.ts'
import { linkKey, type PublicPost, plantChains } from './planted-chains.ts'
import { reliability } from './scores.ts'

const [plantedChains, amongPosts, mostPairs] = [200, 1800, 300]

export function readPosts(file: string): PublicPost[] {
  const text = gunzipSync(readFileSync(file)).toString()
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line, at) => ({ ...(JSON.parse(line) as PublicPost), id: String(at) }))
}

/** Chains of seed, thread and essay among public posts: how many of their links are found, and how many that are none. */
export async function measureChains(posts: readonly PublicPost[], embedder: Embedder): Promise<Figure[]> {
  const { contents, links } = plantChains(posts.slice(0, amongPosts), plantedChains)
  const profiles = contents.map(profileOf)
  const areReprints: Parameters<typeof findElaborations>[1] = (a, b) =>
    jaccardOf(a.shingles, b.shingles) >= leastJaccard
  const words = findElaborations(profiles, areReprints)
  const pairs = words.open.slice(0, mostPairs)
  const vectors = await embedder.embed(
    pairs.flatMap(({ older, newer }) => [older, newer]),
    { background: true },
  )
  const rankOf = openWordRanks()
  const chances = new Map(
    pairs.map(({ older, newer }, at) => {
      const [one, other] = [vectors[2 * at], vectors[2 * at + 1]]
      const cosine = one === undefined || other === undefined ? 0 : dot(one, other)
      return [`${older}\n${newer}`, sameSaying(older, newer, cosine, rankOf)] as const
    }),
  )
  const both = findElaborations(profiles, areReprints, ({ older, newer }) => chances.get(`${older}\n${newer}`))
  return [...linkFigures('words alone', words.found, links), ...linkFigures('words and vectors', both.found, links)]
}

function linkFigures(name: string, found: Parameters<typeof chainsOf>[0], links: ReadonlySet<string>): Figure[] {
  const chains = chainsOf(found)
  const steps = chains.flatMap((chain) => chain.steps)
  const isRight = ({ older, newer }: (typeof steps)[0]) => links.has(linkKey(older.id, newer.id))
  const hits = steps.filter(isRight).length
  const ordered = chains.filter(({ members }) => members.every(({ at }, place) => at >= (members[place - 1]?.at ?? '')))
  const method = `elaborations, ${name}`
  return [
    { method, measure: 'link precision', ours: hits / steps.length, peers: { links: steps.length } },
    {
      method,
      measure: 'link recall',
      ours: hits / links.size,
      peers: { planted: links.size },
      reliability: reliability(steps.map((step) => [step.coverage, isRight(step)])),
    },
    { method, measure: 'in order', ours: ordered.length / chains.length, peers: { chains: chains.length } },
  ]
}

export async function measureSpeed(
  posts: readonly PublicPost[],
  analyst: Analyst,
  analyse: typeof analyseText,
): Promise<Figure[]> {
  const some = posts.filter((_, at) => at % 5 === 0)
  // The first ones read the word lists and warm the compiler up.
  const times = some
    .map(({ title, body, language }) => {
      const startedAt = performance.now()
      analyse({ title, body, language })
      return performance.now() - startedAt
    })
    .slice(20)
    .sort((a, b) => a - b)
  const at = (share: number) => times[Math.floor(share * times.length)] ?? 0
  const contents = Array.from({ length: 2000 }, (_, place) =>
    contentOf(posts[place % posts.length] as PublicPost, place),
  )
  const startedAt = performance.now()
  const keyed = await analyseAll(analyst, contents)
  await analyst.run({ kind: 'patterns', owner: 'bench', contents: keyed, formerThemes: new Map() })
  const allSeconds = (performance.now() - startedAt) / 1000

  const author = keyed.slice(0, 500)
  const before = await analyst.run({ kind: 'patterns', owner: 'author', contents: author, formerThemes: new Map() })
  const themes = before.kind === 'patterns' ? before.patterns.filter(({ type }) => type === 'theme') : []
  const formerThemes = new Map(themes.map(({ id, evidence }) => [id, evidence.map(({ contentId }) => contentId)]))
  const one = performance.now()
  const [added] = await analyseAll(analyst, [contentOf(posts[501] as PublicPost, 9999)])
  const next = [...author, ...(added === undefined ? [] : [added])]
  const light = next.map(({ content, ...rest }, place) => (place < 500 ? rest : { ...rest, content }))
  await analyst.run({ kind: 'patterns', owner: 'author', contents: light, formerThemes })
  const oneMs = performance.now() - one
  return [
    { method: 'one content', measure: 'p50 ms', ours: at(0.5), peers: { p95: at(0.95), p99: at(0.99) } },
    { method: '2,000 posts, with patterns', measure: 's', ours: allSeconds, peers: {} },
    { method: 'one post more of 500, without the database', measure: 'ms', ours: oneMs, peers: {} },
  ]
}

const contentOf = (post: PublicPost, place: number): GivenContent => ({
  id: String(place),
  platform: post.platform,
  title: post.title,
  body: post.body,
  language: post.language ?? null,
  at: new Date(post.published_at).toISOString(),
  embedding: JSON.stringify(vectorOf(place)),
})

/** Of no meaning: what clustering costs does not depend on it. */
const vectorOf = (place: number) =>
  Array.from({ length: 384 }, (_, at) => Number((Math.sin(place * 12.9898 + at * 78.233) / 14).toFixed(5)))

async function analyseAll(analyst: Analyst, contents: readonly GivenContent[]) {
  const outcome = await analyst.run({ kind: 'analyse', texts: contents })
  const analyses = outcome.kind === 'analyses' ? outcome.analyses : []
  return contents.map((content, at) => {
    const { themes = [], hooks = [], frameworks = [] } = analyses[at] ?? {}
    return { id: content.id, key: content.id, content, analysis: { themes, hooks, frameworks } }
  })
}
