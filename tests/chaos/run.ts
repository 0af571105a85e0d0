import { verifyLedger } from '@extropy/api'
import { createDatabase, generate, migrate } from '@extropy/db'
import { createRandom } from '../ledger-simulator/random.ts'
import type { Request } from '../replay/client.ts'
import { openPopulation } from '../replay/population.ts'
import { createReads, type Read } from '../replay/reads.ts'
import { createVisitor } from '../replay/visitor.ts'
import { createWorld } from '../replay/world.ts'
import { createWrites, estateOf } from '../replay/writes.ts'
import { startBalancer } from './balancer.ts'
import { type Answer, createCaller, createRestAttempt } from './caller.ts'
import type { Engines } from './engines.ts'
import { type Fault, startFaults } from './faults.ts'
import { startFleet } from './fleet.ts'
import { Revocations } from './revocations.ts'
import { createTypedAttempt } from './typed-caller.ts'

export interface ChaosOptions {
  readonly operations: number
  readonly seed: number
  readonly cards: number
  readonly workers: number
  /** Faults that come first; the run goes on until it has had them, however few its operations. Default none. */
  readonly first?: readonly Fault[]
  readonly onProgress?: (done: number, faults: number) => void
}

export interface ChaosReport {
  readonly reads: number
  readonly writes: number
  readonly hits: number
  /** Attempts that nobody answered, or with 503. */
  readonly retries: number
  readonly faults: ReadonlyMap<Fault, number>
  /** Reads older than a write that had been acknowledged to somebody else, whom the reader had not heard of. */
  readonly behind: number
  readonly keysRevoked: number
  readonly revokedTried: number
  /** Reads older than their stamp, or than what had been acknowledged to anybody; writes that are lost, revoked keys that were let in, a ledger that is wrong. */
  readonly problems: readonly string[]
  /** What happened when: faults, and acknowledged writes with their stamps. To find out what led to a problem. */
  readonly journal: readonly string[]
}

const callers = 16
const writeShare = 0.1
const mostProblems = 20

/**
 * Two servers of several workers each, one of them behind a pooler, on a primary, a replica that is late and may take its place, and Redis; callers who
 * read and write, each with the newest stamp it has seen; and faults, one after the other. The model says for each answer
 * which values it may have: a place in the primary's log is the time.
 */
export async function runChaos(engines: Engines, options: ChaosOptions): Promise<ChaosReport> {
  const { operations, seed, onProgress = () => {} } = options
  await using cleanup = new AsyncDisposableStack()
  const database = await createDatabase({ url: engines.primary.url() })
  await migrate(database)
  await generate(database, { cards: options.cards })
  const population = await openPopulation(engines.primary.url(), seed)
  await database.close()

  const shared = {
    DATABASE_REPLICA_URLS: engines.replicaUrls,
    REDIS_URL: engines.redis.url,
    WORKERS: String(options.workers),
    LOG_LEVEL: 'fatal',
    // Nothing is embedded here, and no process needs a model's memory.
    EMBEDDING_PROVIDER: 'openai-compatible',
    EMBEDDING_BASE_URL: 'http://127.0.0.1:9/v1',
    EMBEDDING_MODEL: 'none',
    EMBEDDING_DIMENSION: '8',
    // The model knows no limit: in a long run some publish more than a hundred.
    CARD_REWARDS_PER_DAY: '1000000',
  }
  const fleet = await startFleet([
    { ...shared, DATABASE_URL: engines.candidatesUrl },
    {
      ...shared,
      DATABASE_URL: engines.bouncer.url,
      DATABASE_BEHIND_POOLER: 'true',
      DATABASE_DIRECT_URL: engines.candidatesUrl,
      MIGRATE_ON_START: 'off',
    },
  ])
  cleanup.defer(() => fleet.stop())
  const balancer = await startBalancer(fleet.ports)
  cleanup.defer(() => balancer.close())

  let now = 0
  const world = createWorld(population, { next: () => now })
  const reads = createReads(world)
  const keys = new Map(population.people.map(({ id, key }) => [id, key]))
  const revocations = new Revocations()
  const problems: string[] = []
  const counts = { reads: 0, writes: 0, hits: 0, retries: 0, behind: 0 }
  /** The newest place that any acknowledged write stands at. */
  let newest = 0
  let begun = 0
  let faultCount = 0
  const journal: string[] = []
  const startedAt = performance.now()
  const note = (what: string) => journal.push(`${Math.round(performance.now() - startedAt)} ms ${what}`)
  const problem = (text: string) => {
    note(`PROBLEM ${text}`)
    if (problems.length < mostProblems) problems.push(text)
  }

  const runCaller = async (n: number) => {
    const random = createRandom(seed + n)
    // Half of them by the typed client.
    const attempt = n % 2 === 0 ? createRestAttempt(balancer.url) : createTypedAttempt(balancer.url)
    const caller = createCaller(attempt, () => counts.retries++)
    const nextRead = createVisitor(reads, population, 1.1, random)
    const estate = estateOf(population, n, callers)
    const nextWrite = createWrites(world, reads, estate, { population, exponent: 1.1, random })
    const read = async (what: Read, isAnonymous: boolean) => {
      const { as } = what
      const key =
        as === 'admin'
          ? population.adminKey
          : as === undefined
            ? isAnonymous
              ? undefined
              : population.readerKey
            : keys.get(as.userId)
      const [seen, all] = [caller.seen(), newest]
      const answer = await caller.send(what.request, key)
      counts.reads++
      if (answer.cache === 'HIT') counts.hits++
      const verdict = what.judge(answer, seen)
      if (verdict !== 'fresh') {
        problem(`${verdict}: ${what.request.path} at ${seen}: ${answer.status}, ${answer.cache}: ${shown(answer)}`)
      } else if (what.judge(answer, all) === 'stale') {
        counts.behind++
        problem(`behind: ${what.request.path} at ${all}: ${answer.status}, ${answer.cache}: ${shown(answer)}`)
      }
    }
    try {
      for (let number = begun++; number < operations || faults.owesFirst; number = begun++) {
        if (number % 500 === 0) onProgress(number, faultCount)
        const chance = random.next()
        if (chance < 0.005) {
          await revocations.revokeOne(caller, estate.payers[0] as (typeof estate.payers)[0])
        } else if (chance < 0.02) {
          await revocations.tryOne(caller, random)
        } else if (chance < 1 - writeShare) {
          await read(nextRead(), random.next() < 0.5)
        } else {
          const { kind, request, by, acknowledge } = nextWrite()
          const once = { 'idempotency-key': `chaos-${seed}-${number}` }
          const answer = await caller.send({ ...request, headers: { ...request.headers, ...once } }, by.key)
          counts.writes++
          if (answer.status !== 200) {
            if (kind === 'unpublish' && answer.attempts > 1) continue
            problem(`a write was refused (${kind}): ${answer.status} ${shown(answer)}`)
            continue
          }
          now = caller.seen()
          note(
            `write ${number} ${kind} at ${now}, ${answer.attempts} attempts: ${request.method} ${request.path} ${request.body ?? ''}: ${shown(answer)}`,
          )
          newest = Math.max(newest, now)
          for (const what of acknowledge(answer)) await read(what, random.next() < 0.5)
        }
      }
    } finally {
      caller.close()
    }
  }

  const faults = startFaults(engines, fleet, {
    random: createRandom(seed + 1000),
    first: options.first ?? [],
    onFault: () => faultCount++,
    note,
  })
  try {
    await Promise.all(Array.from({ length: callers }, (_, n) => runCaller(n)))
  } finally {
    await faults.stop()
  }
  await engines.replica.delay(0)
  const last = createCaller(createRestAttempt(balancer.url), () => {})
  const ends = [
    ...population.people.flatMap(({ id }) => [reads.balance(id), reads.user(id)]),
    ...population.cards.map(({ id }) => reads.card(id)),
  ]
  for (const what of ends) {
    const request: Request = { ...what.request, headers: { 'cache-control': 'no-cache' } }
    const answer = await last.send(request, population.adminKey)
    if (what.judge(answer, newest) !== 'fresh') problem(`lost: ${what.request.path}: ${shown(answer)}`)
  }
  last.close()
  const checked = await createDatabase({ url: engines.primary.url() })
  problems.push(...(await verifyLedger(checked.db)).problems, ...revocations.problems)
  await checked.close()
  return {
    ...counts,
    faults: faults.done,
    keysRevoked: revocations.revoked,
    revokedTried: revocations.tried,
    problems,
    journal,
  }
}

const shown = ({ json }: Answer) => JSON.stringify(json).slice(0, 300)
