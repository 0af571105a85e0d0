import { createRandom } from '../ledger-simulator/random.ts'
import { createClient, type Reply } from './client.ts'
import type { Verdict } from './history.ts'
import type { Population } from './population.ts'
import { createReads, type Read } from './reads.ts'
import { createVisitor } from './visitor.ts'
import { createWorld } from './world.ts'
import { createWrites, estateOf } from './writes.ts'

export interface ReplayOptions {
  readonly callers: number
  /** A number, not a time: a hit rate must not depend on the machine. Reads right after a write do not count. */
  readonly requests: number
  /** When it ends in any case. */
  readonly maxSeconds: number
  readonly writeShare: number
  /** The exponent of Zipf's law: how much more often popular things are read. */
  readonly exponent: number
  readonly seed: number
}

export interface Count {
  reads: number
  hits: number
  stale: number
}

export interface ReplayResult {
  readonly byKind: ReadonlyMap<string, Count>
  /** One count for each second of the run. */
  readonly bySecond: readonly Count[]
  /** The reads that follow a write at once: nearly all of them have to miss. */
  readonly afterWrites: Count
  readonly writes: ReadonlyMap<string, number>
  readonly seconds: number
  /** The hit rate in per cent, of all reads except those right after a write. */
  readonly hitRate: number
  readonly stale: number
  /** Answers that the model can't explain, and accounts and titles that the server, asked past its cache at the end, has otherwise. */
  readonly unexplained: number
  /** The first answers that were wrong. */
  readonly examples: readonly string[]
}

const none = (): Count => ({ reads: 0, hits: 0, stale: 0 })
const maxExamples = 5

/** Runs so many callers, each reading popular things and now and then writing its own, every answer checked against the model. */
export async function runReplay(
  baseUrl: string,
  population: Population,
  { callers, requests, maxSeconds, writeShare, exponent, seed }: ReplayOptions,
): Promise<ReplayResult> {
  const world = createWorld(population)
  const reads = createReads(world)
  const client = createClient(baseUrl, callers)
  const keys = new Map(population.people.map(({ id, key }) => [id, key]))
  const byKind = new Map<string, Count>()
  const bySecond: Count[] = []
  const afterWrites = none()
  const writes = new Map<string, number>()
  const examples: string[] = []
  let unexplained = 0
  let left = requests
  const startedAt = performance.now()
  const elapsedSeconds = () => (performance.now() - startedAt) / 1000

  const count = (what: Read, reply: Reply, verdict: Verdict, counts: readonly Count[]) => {
    for (const each of counts) {
      each.reads++
      if (reply.cache === 'HIT') each.hits++
      if (verdict === 'stale') each.stale++
    }
    if (verdict === 'unknown') unexplained++
    if (verdict === 'fresh' || examples.length === maxExamples) return
    const answer = `${reply.status}, X-Cache ${reply.cache}: ${JSON.stringify(reply.json).slice(0, 300)}`
    examples.push(
      `${verdict}${counts[0] === afterWrites ? ', right after the write' : ''}: ${what.request.path}: ${answer}`,
    )
  }
  const read = async (what: Read, isAnonymous: boolean, counts: () => readonly Count[]) => {
    const { as } = what
    const shared = isAnonymous ? undefined : population.readerKey
    const key = as === 'admin' ? population.adminKey : as === undefined ? shared : keys.get(as.userId)
    const sentAt = world.ticks.next()
    const reply = await client.send(what.request, key)
    count(what, reply, what.judge(reply, sentAt), counts())
  }
  const kindAndSecond = ({ kind }: Read) => {
    const second = Math.floor(elapsedSeconds())
    while (bySecond.length <= second) bySecond.push(none())
    const ofKind = byKind.get(kind) ?? none()
    byKind.set(kind, ofKind)
    return [ofKind, bySecond[second] as Count]
  }
  const caller = async (n: number) => {
    const random = createRandom(seed + n)
    const nextRead = createVisitor(reads, population, exponent, random)
    const nextWrite = createWrites(world, reads, estateOf(population, n, callers), { population, exponent, random })
    while (left-- > 0 && elapsedSeconds() < maxSeconds) {
      if (random.next() >= writeShare) {
        const what = nextRead()
        // Visitors come through a front end, which has a key.
        await read(what, false, () => kindAndSecond(what))
        continue
      }
      const { kind, request, by, acknowledge } = nextWrite()
      const reply = await client.send(request, by.key)
      if (reply.status !== 200)
        throw new Error(`a write was refused (${kind}): ${reply.status} ${JSON.stringify(reply.json)}`)
      writes.set(kind, (writes.get(kind) ?? 0) + 1)
      // The changed thing is read back, half of the time without a key.
      for (const shown of acknowledge(reply)) await read(shown, random.next() < 0.5, () => [afterWrites])
    }
  }

  try {
    await Promise.all(Array.from({ length: callers }, (_, n) => caller(n)))
    const seconds = elapsedSeconds()
    const all = [
      ...population.people.flatMap(({ id }) => [reads.balance(id), reads.user(id)]),
      ...population.cards.map(({ id }) => reads.card(id)),
    ]
    for (const what of all) {
      const sentAt = world.ticks.next()
      const fresh = { ...what.request, headers: { 'cache-control': 'no-cache' } }
      if (what.judge(await client.send(fresh, population.adminKey), sentAt) !== 'fresh') unexplained++
    }
    const total = sumOf([...byKind.values()])
    const [hitRate, stale] = [(100 * total.hits) / total.reads, total.stale + afterWrites.stale]
    return { byKind, bySecond, afterWrites, writes, seconds, hitRate, stale, unexplained, examples }
  } finally {
    client.close()
  }
}

export function sumOf(counts: readonly Count[]): Count {
  const sum = (of: keyof Count) => counts.reduce((total, each) => total + each[of], 0)
  return { reads: sum('reads'), hits: sum('hits'), stale: sum('stale') }
}
