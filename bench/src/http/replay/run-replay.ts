import type { HttpRequest } from '../http-request.ts'
import { createClient } from './client.ts'
import type { Population } from './population.ts'
import { createRandom } from './random.ts'
import { createReads, type Read } from './reads.ts'
import { createTally, type Tally } from './tally.ts'
import { createVisitor } from './visitor.ts'
import { createWorld } from './world.ts'
import { createWrites, estateOf } from './writes.ts'

export interface ReplayOptions {
  readonly callers: number
  /** A number, not a time: a hit rate must not hang on the machine. What follows a write at once does not count. */
  readonly requests: number
  /** When it ends in any case. */
  readonly maxSeconds: number
  readonly writeShare: number
  readonly exponent: number
  readonly seed: number
}

export interface ReplayResult extends Tally {
  readonly seconds: number
  /** Accounts and titles that the server, asked past its cache at the end, has otherwise than the model: it must be none. */
  readonly modelErrors: number
}

/** So many callers, each reading what is popular and now and then writing what is its own, every answer checked against the model. */
export async function runReplay(
  baseUrl: string,
  population: Population,
  { callers, requests, maxSeconds, writeShare, exponent, seed }: ReplayOptions,
): Promise<ReplayResult> {
  const world = createWorld(population)
  const reads = createReads(world)
  const client = createClient(baseUrl, callers)
  const startedAt = performance.now()
  const tally = createTally(startedAt)
  let left = requests
  const keys = new Map(population.people.map(({ id, key }) => [id, key]))

  const keyFor = ({ as }: Read, isAnonymous: boolean): string | undefined => {
    if (as === 'admin') return population.adminKey
    if (as !== undefined) return keys.get(as.userId)
    return isAnonymous ? undefined : population.readerKey
  }
  const read = async (what: Read, random: () => number, isAfterWrite: boolean) => {
    const sentAt = world.ticks.next()
    // Visitors come through a front end, which has a key; what a write changed is looked at without one as well.
    const isAnonymous = isAfterWrite && random() < 0.5
    const reply = await client.send(withKey(what.request, keyFor(what, isAnonymous)))
    tally.read(what, reply, what.judge(reply, sentAt), isAfterWrite)
  }
  const caller = async (n: number) => {
    const random = createRandom(seed + n)
    const nextRead = createVisitor(reads, population, { exponent, random })
    const nextWrite = createWrites(world, reads, estateOf(population, n, callers), { population, exponent, random })
    while (left-- > 0 && performance.now() - startedAt < maxSeconds * 1000) {
      if (random() >= writeShare) {
        await read(nextRead(), random, false)
        continue
      }
      const write = nextWrite()
      const reply = await client.send(withKey(write.request, write.by.key))
      if (reply.status !== 200) {
        throw new Error(`a write was refused (${write.kind}): ${reply.status} ${JSON.stringify(reply.json)}`)
      }
      write.acknowledge(reply)
      tally.wrote(write.kind)
      for (const shown of write.shownBy(reply)) await read(shown, random, true)
    }
  }

  try {
    await Promise.all(Array.from({ length: callers }, (_, n) => caller(n)))
    const tookSeconds = (performance.now() - startedAt) / 1000
    let modelErrors = 0
    const all = [
      ...population.people.flatMap(({ id }) => [reads.balance(id), reads.user(id)]),
      ...population.cards.map(({ id }) => reads.card(id)),
    ]
    for (const what of all) {
      const sentAt = world.ticks.next()
      const { request } = what
      const fresh = { ...request, headers: { 'cache-control': 'no-cache' } }
      const reply = await client.send(withKey(fresh, population.adminKey))
      if (what.judge(reply, sentAt) !== 'fresh') modelErrors++
    }
    return { ...tally.result(), seconds: tookSeconds, modelErrors }
  } finally {
    client.close()
  }
}

function withKey(request: HttpRequest, key: string | undefined): HttpRequest {
  if (key === undefined) return request
  return { ...request, headers: { ...request.headers, authorization: `Bearer ${key}` } }
}
