import { setTimeout } from 'node:timers/promises'
import type { Random } from '../ledger-simulator/random.ts'
import { weightedPicker } from '../replay/pickers.ts'
import type { Engines } from './engines.ts'
import type { Fleet } from './fleet.ts'

/** How often each comes, as shares of all. */
const weights = {
  'kill a worker': 16,
  'stop a worker for a while': 8,
  'kill a server': 8,
  'reload a server': 4,
  'kill Redis': 10,
  'empty Redis': 8,
  'stop Redis for a while': 6,
  'kill the replica': 8,
  'delay the replica': 12,
  'stop the replica for a while': 4,
  "stop the replica's processes for a while": 6,
  'kill the primary': 4,
  'promote the replica': 2,
  'kill PgBouncer': 6,
  'cut connections': 6,
}
export type Fault = keyof typeof weights

export interface Faults {
  readonly done: ReadonlyMap<Fault, number>
  /** Whether one of the first is still to come or to be mended. */
  readonly owesFirst: boolean
  /** All that was killed is back. */
  stop(): Promise<void>
}

interface FaultsOptions {
  readonly random: Random
  /** The first ones; then whichever comes. */
  readonly first: readonly Fault[]
  readonly onFault: (fault: Fault) => void
  /** Told of its steps. */
  readonly note: (what: string) => void
}

/** Breaks something, mends it, and goes on with the next, until it is stopped. */
export function startFaults(engines: Engines, fleet: Fleet, { random, first, onFault, note }: FaultsOptions): Faults {
  const given = [...first]
  const done = new Map<Fault, number>()
  const pick = weightedPicker(weights)
  const pause = (mostMs: number) => setTimeout(random.integer(mostMs))
  const stopping = new AbortController()

  const causes: Record<Fault, () => Promise<void>> = {
    'kill a worker': () => fleet.signalWorker(random, 'SIGKILL'),
    async 'stop a worker for a while'() {
      await fleet.pauseWorker(random, random.integer(2000))
    },
    'kill a server': () => fleet.killServer(random.integer(fleet.size)),
    'reload a server': async () => fleet.reload(random.integer(fleet.size)),
    async 'kill Redis'() {
      await engines.redis.kill()
      await pause(1500)
      await engines.redis.start()
    },
    'empty Redis': () => engines.redis.empty(),
    'stop Redis for a while': () => engines.redis.pause(random.integer(2500)),
    async 'kill the replica'() {
      await engines.replica.kill()
      await pause(1500)
      await engines.replica.start()
    },
    'delay the replica': () => engines.replica.delay(random.integer(501)),
    'stop the replica for a while': () => engines.replica.pause(random.integer(2000)),
    "stop the replica's processes for a while": () => engines.replica.hang(random.integer(4000)),
    async 'kill the primary'() {
      await engines.primary.kill()
      await pause(500)
      await engines.primary.start()
    },
    async 'promote the replica'() {
      // A server that starts while the new primary hangs takes the old one: decision 113.
      await fleet.settle()
      await engines.promote(random.next() < 0.5 ? random.integer(3000) : 0, note)
    },
    async 'kill PgBouncer'() {
      await engines.bouncer.kill()
      await pause(1000)
      await engines.bouncer.start()
    },
    'cut connections': () => engines.primary.cutConnections(),
  }

  const loop = async () => {
    while (!stopping.signal.aborted) {
      await setTimeout(200 + random.integer(1200), undefined, { signal: stopping.signal }).catch(() => {})
      if (stopping.signal.aborted) return
      const fault = given.shift() ?? pick(random.next)
      onFault(fault)
      note(`begins: ${fault}`)
      await causes[fault]()
      note(`ends: ${fault}`)
      done.set(fault, (done.get(fault) ?? 0) + 1)
    }
  }
  let isOver = false
  const running = loop().finally(() => {
    isOver = true
  })
  return {
    done,
    get owesFirst() {
      return !isOver && !first.every((fault) => done.has(fault))
    },
    async stop() {
      stopping.abort()
      await running
      await fleet.settle()
    },
  }
}
