import { setImmediate, setTimeout } from 'node:timers/promises'
import type { Lane } from '../driver/lane.ts'
import type { ConnectionPool, PoolStats } from '../driver/pool.ts'
import { CannotConnectError } from '../pg-errors.ts'
import { type LogPlace, type Lsn, laterOf } from './lsn.ts'
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
  /** Calls back, at most once and not after `done`, when the replica is found to be away: it may never answer. */
  onLost(hear: (reason: string) => void): void
  /** To be called when the read has ended; `isServed`: with an answer. From the second time on it does nothing. */
  done(isServed: boolean): void
}

type ReplicaState = 'up' | 'lagging' | 'diverged' | 'down'

/** From now on it is read from, or why not. */
export interface ReplicaChange {
  readonly name: string
  readonly state: ReplicaState
  /** Undefined where it is up. */
  readonly reason: string | undefined
}

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
  /**
   * The same without a primary: a replica that has replayed all that any of those that answer has been sent. One that still follows a
   * primary, which this server cannot reach, so shows what others write.
   */
  chooseAlone(asked: { readonly least: Lsn; readonly waitMs: number }): Promise<ChosenReplica | undefined>
  /** The primary's place at a moment after this call: every commit answered before it is covered. @throws DatabaseUnavailableError */
  primaryPlace(): Promise<LogPlace>
  /**
   * Whether this server knows of the timeline, after a look at all servers where it does not: replicas on an older one lack what was written on
   * it. False also where it cannot be found in time, and for a second after.
   */
  knowsTimeline(timeline: number, waitMs: number): Promise<boolean>
  /** The newest timeline that any server of the cluster has told of; 0 before the first look. */
  readonly timeline: number
  /** Why the server that took the writes must not be asked any more: it was replaced, and its successor cannot be found. */
  readonly replaced: string | undefined
  /** Whether the primary answered when it was last asked. */
  isPrimaryThere(): boolean
  /** The same, asked anew; false where it does not answer in time. */
  askPrimary(waitMs: number): Promise<boolean>
  /** Looks at the replicas, and at where the primary is. */
  look(): Promise<void>
  stats(): readonly ReplicaStats[]
}

/** Places of the primary that are remembered, one a round: some minutes. */
const maxPlaces = 1000
/** A replica that let a caller wait in vain keeps no other waiting for so long. */
const hopelessMs = 1000
/** The same of a timeline that nobody was found on. */
const unknownMs = 1000
/** So long is the primary's place waited for, so that what a replica lacks is known when it is asked. */
const patienceMs = 500
/** One that did not answer a question in time gets no reads for so long; the next look says whether it is away. */
const silentMs = 500

interface Member extends Replica {
  state: ReplicaState
  reason: string | undefined
  /** It has not been looked at yet. */
  isNew: boolean
  lagMs: number | undefined
  lagBytes: number | undefined
  served: number
  inFlight: number
  hopelessUntil: number
  silentUntil: number
  /** Those that wait for it. */
  readonly reading: Set<(reason: string) => void>
}

/** Which replicas may be read from, and how far each is. */
export function createReplicas(
  replicas: readonly Replica[],
  {
    primary,
    maxLagMs,
    onChange = () => {},
  }: {
    readonly primary: Primary
    readonly maxLagMs: number
    readonly onChange?: ((change: ReplicaChange) => void) | undefined
  },
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
      isNew: true,
      hopelessUntil: 0,
      silentUntil: 0,
      reading: new Set(),
    }),
  )
  /** Where the primary was, and when. */
  const places: { readonly at: number; readonly lsn: Lsn }[] = []
  let isPrimaryThere = false
  let contactAt = performance.now()
  let unknownUntil = 0
  // What the old primary had beyond its successor is gone.
  primary.onMove(() => places.splice(0))

  const primaryPlace = async (): Promise<LogPlace> => {
    const server = await primary.find()
    const lsn = await server.askLsn()
    const { timeline } = server
    if (timeline === 0) throw new CannotConnectError(`${server.name} was lost`)
    // A pooler leads to another server from one question to the next: to the one that was promoted, or to the fork that it left.
    const isCurrent = () => timeline === primary.history?.timeline
    if (!isCurrent()) await primary.look()
    if (!isCurrent()) throw new CannotConnectError(`${server.name} goes on with timeline ${timeline}, which has ended`)
    return { timeline, lsn }
  }

  let placesTimeline = 0
  const notePlace = async () => {
    try {
      const { timeline, lsn } = await primaryPlace()
      isPrimaryThere = true
      contactAt = performance.now()
      if (timeline !== placesTimeline) places.splice(0)
      placesTimeline = timeline
      if (places.at(-1)?.lsn !== lsn) places.push({ at: performance.now(), lsn })
      if (places.length > maxPlaces) places.splice(0, places.length - maxPlaces)
    } catch {
      isPrimaryThere = false
    }
  }

  const set = (member: Member, state: ReplicaState, reason: string | undefined) => {
    const isChange = member.state !== state || member.isNew
    const isLost = member.state === 'up' && (state === 'down' || state === 'diverged')
    Object.assign(member, { state, reason, isNew: false })
    if (isChange) onChange({ name: member.server.name, state, reason })
    if (!isLost) return
    for (const lose of member.reading) lose(`${member.server.name} ${reason}`)
    // One that hangs would hold whatever waits for it.
    member.source.lane?.cut()
    member.source.pool.cut()
  }

  const judge = (member: Member, look: Look) => {
    const { history } = primary
    const newest = places.at(-1)?.lsn ?? look.lsn
    // Not the newest place: the replica was asked later, or is on its way.
    const missing = places.find(({ lsn }) => lsn > look.lsn)
    const isBehindMs = missing === undefined ? 0 : Math.round(performance.now() - missing.at)
    // Others may reach the primary, and write.
    const unknownMs = isPrimaryThere ? 0 : Math.round(performance.now() - contactAt)
    member.lagMs = Math.max(isBehindMs, unknownMs)
    member.lagBytes = Number(newest > look.lsn ? newest - look.lsn : 0n)
    const problem = problemOf(look, history)
    if (problem !== undefined) {
      // How far it is behind another log says nothing.
      Object.assign(member, { lagMs: undefined, lagBytes: undefined })
      set(member, 'diverged', problem)
    } else if (isBehindMs <= maxLagMs && unknownMs > maxLagMs)
      set(
        member,
        'lagging',
        `may be ${unknownMs} ms behind: the primary has not answered for longer than REPLICA_MAX_LAG_MS`,
      )
    else if (member.lagMs > maxLagMs)
      set(member, 'lagging', `is ${member.lagMs} ms behind, more than REPLICA_MAX_LAG_MS`)
    else set(member, 'up', undefined)
  }

  const lookAt = async (member: Member) => {
    try {
      const look = await member.server.look()
      primary.tell(look)
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
    return rotated.filter(isFit).sort((a, b) => a.inFlight - b.inFlight)
  }
  // Until a look has seen it follow, a replica of the last primary may have what the new one has not, and lack what it has.
  const isFit = ({ state, silentUntil, server }: Member) =>
    state === 'up' && performance.now() >= silentUntil && server.timeline === primary.history?.timeline

  const begin = (member: Member): ChosenReplica => {
    const { server, source } = member
    const { lsn, generation } = server
    const hearers: ((reason: string) => void)[] = []
    const lose = (reason: string) => {
      for (const hear of hearers.splice(0)) hear(reason)
    }
    let isDone = false
    member.inFlight++
    member.reading.add(lose)
    return {
      source,
      lsn,
      isSame: () => server.generation === generation,
      onLost: (hear) => void hearers.push(hear),
      done(isServed) {
        if (isDone) return
        isDone = true
        member.reading.delete(lose)
        member.inFlight--
        if (isServed) member.served++
      },
    }
  }

  /** One of them that has replayed so far; otherwise one that does so before the deadline. */
  const firstAt = async (lsn: Lsn, some: readonly Member[], deadline: number): Promise<ChosenReplica | undefined> => {
    const ready = some.find(({ server }) => server.lsn >= lsn)
    if (ready) return begin(ready)
    const [hopeful] = some.filter(({ hopelessUntil }) => performance.now() >= hopelessUntil)
    if (hopeful === undefined) return undefined
    if (await hopeful.server.waitFor(lsn, Math.max(0, deadline - performance.now()))) return begin(hopeful)
    hopeful.hopelessUntil = performance.now() + hopelessMs
    return undefined
  }

  return {
    async choose({ least, wanted, waitMs }) {
      const deadline = performance.now() + waitMs
      const up = inOrder()
      const target = laterOf(wanted, least)
      const ready = up.find(({ server }) => server.lsn >= target)
      if (ready) return begin(ready)
      // Asked now: what was seen last may be half a second old. One that is away is found by the next look.
      for (const member of up) {
        const leftMs = deadline - performance.now()
        if (leftMs <= 0) break
        if (!(await isOverIn(member.server.askLsn(), leftMs))) member.silentUntil = performance.now() + silentMs
        else if (isFit(member) && member.server.lsn >= target) return begin(member)
      }
      const enough = up.filter((member) => isFit(member) && member.server.lsn > 0n)
      return firstAt(least, enough, deadline)
    },
    async chooseAlone({ least, waitMs }) {
      const deadline = performance.now() + waitMs
      const asked = inOrder()
      const answered = await Promise.all(asked.map(({ server }) => hasAnsweredIn(server.askLsn(), waitMs)))
      for (const [at, member] of asked.entries()) if (!answered[at]) member.silentUntil = performance.now() + silentMs
      const fit = asked.filter((member, at) => answered[at] && isFit(member) && member.server.lsn > 0n)
      const target = fit.reduce((latest, { server }) => laterOf(latest, server.received), least)
      return firstAt(target, fit, deadline)
    },
    primaryPlace,
    async knowsTimeline(timeline, waitMs) {
      const knows = () => (primary.history?.timeline ?? 0) >= timeline
      if (knows()) return true
      if (performance.now() < unknownUntil) return false
      const looked = primary.look().then(() => Promise.all(members.map(lookAt)))
      await isOverIn(looked, waitMs)
      if (!knows()) unknownUntil = performance.now() + unknownMs
      return knows()
    },
    get timeline() {
      return primary.history?.timeline ?? 0
    },
    get replaced() {
      return primary.replaced
    },
    isPrimaryThere: () => isPrimaryThere,
    async askPrimary(waitMs) {
      const ask = async () => {
        await notePlace()
        // The first question may have shared a connection that was refused before this call.
        if (!isPrimaryThere) await notePlace()
        return isPrimaryThere
      }
      const asked = ask()
      return (await isOverIn(asked, waitMs)) && (await asked)
    },
    async look() {
      // A primary that hangs does not keep the replicas from being looked at.
      await isOverIn(notePlace(), patienceMs)
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

async function hasAnsweredIn(question: Promise<unknown>, waitMs: number): Promise<boolean> {
  const answered = question.then(
    () => true,
    () => false,
  )
  return (await isOverIn(answered, waitMs)) && (await answered)
}

/** Whether the work has an outcome, of whatever kind, within so long. */
async function isOverIn(work: Promise<unknown>, waitMs: number): Promise<boolean> {
  let isOver = false
  const end = () => {
    isOver = true
  }
  const ended = work.then(end, end)
  const controller = new AbortController()
  const late = setTimeout(waitMs, undefined, { signal: controller.signal }).catch(() => {})
  await Promise.race([ended, late])
  // This process may have stood still: what came meanwhile is read first.
  if (!isOver) await setImmediate()
  controller.abort()
  return isOver
}

function problemOf(look: Look, history: Primary['history']): string | undefined {
  if (history !== undefined && look.systemId !== history.systemId) return 'belongs to another cluster'
  if (history !== undefined && look.databaseId !== history.databaseId) {
    return 'leads to another database than DATABASE_URL does'
  }
  if (!look.isStandby) return 'is no standby'
  if (history !== undefined && look.timeline !== history.timeline) {
    return `follows timeline ${look.timeline}, and the primary is on timeline ${history.timeline}`
  }
  return undefined
}
