import type { Lane } from '../driver/lane.ts'
import type { ConnectionPool, PoolStats } from '../driver/pool.ts'
import { type Lsn, laterOf } from './lsn.ts'
import type { Primary } from './primary.ts'
import type { Look, WatchedServer } from './watched-server.ts'

/** The connections that a statement may take instead of the primary's. */
export interface ReadSource {
  readonly pool: ConnectionPool
  readonly lane: Lane | undefined
}

export interface Replica {
  readonly server: WatchedServer
  readonly source: ReadSource
}

/** A replica on which a read may begin. */
export interface ChosenReplica {
  readonly source: ReadSource
  /** All that it shows from now on has at least this; as long as `isSame`. */
  readonly lsn: Lsn
  /** False where it was lost since: started anew, it may show an older state. */
  isSame(): boolean
  /** To be called when the read has ended; `isServed`: with an answer. */
  done(isServed: boolean): void
}

type ReplicaState = 'up' | 'lagging' | 'diverged' | 'down'

/** Statistics of one replica, for /health/performance and /metrics. */
export interface ReplicaStats {
  readonly name: string
  readonly state: ReplicaState
  /** Undefined where it is up. */
  readonly reason: string | undefined
  /** How long ago the primary had what the replica has not replayed; undefined where that is not known. */
  readonly lagMs: number | undefined
  readonly lagBytes: number | undefined
  /** Reads answered from it, since the start. */
  readonly served: number
  readonly pool: PoolStats
}

export interface Replicas {
  /** A replica that has replayed `least`, after a wait where none has yet; undefined where there is none in time. */
  choose(asked: {
    readonly least: Lsn
    readonly wanted: Lsn
    readonly waitMs: number
  }): Promise<ChosenReplica | undefined>
  /** The primary's place at a moment after this call: every commit answered before it is covered. @throws DatabaseUnavailableError */
  primaryLsn(): Promise<Lsn>
  /** Whether the primary has answered within the last rounds. */
  isPrimaryThere(): boolean
  /** Looks at the replicas, and at where the primary is. */
  look(): Promise<void>
  stats(): readonly ReplicaStats[]
}

/** Places of the primary that are remembered, one a round: some minutes. */
const maxPlaces = 1000
/** A replica that let a caller wait in vain keeps no other waiting for so long. */
const hopelessMs = 1000

interface Member extends Replica {
  state: ReplicaState
  reason: string | undefined
  lagMs: number | undefined
  lagBytes: number | undefined
  served: number
  inFlight: number
  hopelessUntil: number
}

/** Which replicas may be read from, and how far each is. */
export function createReplicas(
  replicas: readonly Replica[],
  { primary, maxLagMs }: { readonly primary: Primary; readonly maxLagMs: number },
): Replicas {
  const members = replicas.map(
    (replica): Member => ({
      ...replica,
      state: 'down',
      reason: 'has not been looked at yet',
      lagMs: undefined,
      lagBytes: undefined,
      served: 0,
      inFlight: 0,
      hopelessUntil: 0,
    }),
  )
  /** Where the primary was, and when. */
  const places: { readonly at: number; readonly lsn: Lsn }[] = []
  let isPrimaryThere = false
  // What the old primary had beyond its successor is gone.
  primary.onMove(() => places.splice(0))

  const primaryLsn = async () => (await primary.find()).askLsn()

  const notePlace = async () => {
    try {
      const lsn = await primaryLsn()
      isPrimaryThere = true
      if (places.at(-1)?.lsn !== lsn) places.push({ at: performance.now(), lsn })
      if (places.length > maxPlaces) places.splice(0, places.length - maxPlaces)
    } catch {
      isPrimaryThere = false
    }
  }

  const judge = (member: Member, look: Look) => {
    const { history } = primary
    const newest = places.at(-1)?.lsn ?? look.lsn
    // Not the newest place: the replica was asked later, or is on its way.
    const missing = places.find(({ lsn }) => lsn > look.lsn)
    member.lagMs = missing === undefined ? 0 : Math.round(performance.now() - missing.at)
    member.lagBytes = Number(newest > look.lsn ? newest - look.lsn : 0n)
    const problem = problemOf(look, history)
    if (problem !== undefined) set(member, 'diverged', problem)
    else if (member.lagMs > maxLagMs)
      set(member, 'lagging', `is ${member.lagMs} ms behind, more than REPLICA_MAX_LAG_MS`)
    else set(member, 'up', undefined)
  }

  const lookAt = async (member: Member) => {
    try {
      const look = await member.server.look()
      judge(member, look)
    } catch (error) {
      member.lagMs = undefined
      member.lagBytes = undefined
      set(member, 'down', (error as Error).message)
    }
  }

  /** Those that are up, the least busy first; of equals, each is the first in turn. */
  let turn = 0
  const inOrder = () => {
    const at = turn++ % members.length
    const rotated = [...members.slice(at), ...members.slice(0, at)]
    return rotated.filter(({ state }) => state === 'up').sort((a, b) => a.inFlight - b.inFlight)
  }

  const begin = (member: Member): ChosenReplica => {
    const { server, source } = member
    const { lsn, generation } = server
    member.inFlight++
    return {
      source,
      lsn,
      isSame: () => server.generation === generation,
      done(isServed) {
        member.inFlight--
        if (isServed) member.served++
      },
    }
  }

  return {
    async choose({ least, wanted, waitMs }) {
      const up = inOrder()
      const target = laterOf(wanted, least)
      const ready = up.find(({ server }) => server.lsn >= target)
      if (ready) return begin(ready)
      // Asked now: what was seen last may be half a second old. One that is away is found by the next look.
      for (const member of up) {
        await member.server.askLsn().catch(() => {})
        if (member.server.lsn >= target) return begin(member)
      }
      const enough = up.filter(({ server, state }) => state === 'up' && server.lsn > 0n)
      const far = enough.find(({ server }) => server.lsn >= least)
      if (far) return begin(far)
      const [hopeful] = enough.filter(({ hopelessUntil }) => performance.now() >= hopelessUntil)
      if (hopeful === undefined) return undefined
      if (await hopeful.server.waitFor(least, waitMs)) return begin(hopeful)
      hopeful.hopelessUntil = performance.now() + hopelessMs
      return undefined
    },
    primaryLsn,
    isPrimaryThere: () => isPrimaryThere,
    async look() {
      await notePlace()
      await Promise.all(members.map(lookAt))
    },
    stats: () =>
      members.map(({ server, source, state, reason, lagMs, lagBytes, served }) => ({
        name: server.name,
        state,
        reason,
        lagMs,
        lagBytes,
        served,
        pool: source.pool.stats(),
      })),
  }
}

function set(member: Member, state: ReplicaState, reason: string | undefined): void {
  member.state = state
  member.reason = reason
}

function problemOf(look: Look, history: Primary['history']): string | undefined {
  if (history !== undefined && look.systemId !== history.systemId) return 'belongs to another cluster'
  if (!look.isStandby) return 'is no standby'
  if (history !== undefined && look.timeline !== history.timeline) {
    return `follows timeline ${look.timeline}, and the primary is on timeline ${history.timeline}`
  }
  return undefined
}
