import { setTimeout } from 'node:timers/promises'
import { CannotConnectError } from '../pg-errors.ts'
import type { Look, WatchedServer } from './watched-server.ts'

/** Which of several servers takes writes, for whoever connects to it. */
export interface Primary {
  /** Undefined while none is known. */
  readonly current: WatchedServer | undefined
  /** The newest timeline seen on any server of this cluster, and the ids of the cluster and of the database in it; undefined before the first look. */
  readonly history: History | undefined
  /** What is known of each server, by its name. */
  readonly states: ReadonlyMap<string, string>
  /** The server that takes writes; looks for it where none is known. @throws CannotConnectError that says of each server why not. */
  find(): Promise<WatchedServer>
  /** Why the server that took the writes must not take any more: it was replaced. Undefined where it was not. */
  readonly replaced: string | undefined
  /** Calls back when another server takes the writes than before, or the one that did was replaced: what was learnt from it may have been lost. */
  onMove(hear: () => void): void
  /** What a standby elsewhere was seen to follow: a newer timeline there is a newer primary's. */
  tell(look: Look): void
  /** Looks at all servers. Whoever calls meanwhile shares the round. */
  look(): Promise<void>
}

interface History {
  readonly systemId: string
  readonly databaseId: string
  readonly timeline: number
}

/** So long is a server that is not certainly down waited for before another one is chosen: it may be a newer primary. */
const undecidedMs = 10_000
const askAgainMs = 200
/** Rounds in which the primary may say nothing before it counts as gone: a busy machine can be slow once. */
const silentRounds = 2

/**
 * Of the servers that take writes, the one on the newest timeline that any server of the cluster has told of. So an old
 * primary that comes back beside its successor is refused: it is a fork, and what it would take would be lost.
 */
export function createPrimary(
  servers: readonly WatchedServer[],
  options: { readonly undecidedMs?: number } = {},
): Primary {
  const states = new Map<string, string>()
  const hearers: (() => void)[] = []
  let current: WatchedServer | undefined
  let last: WatchedServer | undefined
  /** That `last` was chosen on; 0 at first. */
  let lastTimeline = 0
  let history: History | undefined
  let silent = 0
  let replaced: string | undefined
  let lastLooks: ReadonlyMap<WatchedServer, Look | undefined> = new Map()
  /** Whether one of them did not say in the last round what it is, and may take writes. */
  let isOneUnknown = false
  let undecidedSince: number | undefined
  /** One is there to be chosen, and another one may be newer. */
  const isUndecided = () =>
    undecidedSince !== undefined && performance.now() < undecidedSince + (options.undecidedMs ?? undecidedMs)

  const settle = (looks: ReadonlyMap<WatchedServer, Look | undefined>) => {
    const seen = [...looks].flatMap(([server, look]) => (look === undefined ? [] : [{ server, look }]))
    const writers = seen.filter(({ look }) => !look.isStandby && look.isWritable)
    if (history === undefined && new Set(seen.map(({ look }) => look.systemId)).size > 1) {
      for (const { server, look } of seen)
        states.set(server.name, `is of the cluster ${look.systemId}, and others are not`)
      return settleOn(undefined)
    }
    const systemId = history?.systemId ?? (writers[0] ?? seen[0])?.look.systemId
    if (systemId === undefined) return settleOn(undefined)
    const own = seen.filter(({ look }) => look.systemId === systemId)
    const timeline = Math.max(history?.timeline ?? 0, ...own.map(({ look }) => look.timeline))
    // A database that was made anew has another id.
    const databaseId = (writers[0] ?? own[0])?.look.databaseId ?? history?.databaseId ?? ''
    history = { systemId, databaseId, timeline }
    for (const { server, look } of seen) states.set(server.name, stateOf(look, history))
    const fit = writers.filter(({ look }) => look.systemId === systemId && look.timeline === timeline)
    const found = (fit.find(({ server }) => server === current) ?? fit[0])?.server
    // What was promoted since is newer for certain.
    const isPromoted = lastTimeline > 0 && timeline > lastTimeline
    const isDoubtful = found !== undefined && current === undefined && isOneUnknown && !isPromoted
    undecidedSince = isDoubtful ? (undecidedSince ?? performance.now()) : undefined
    if (!isUndecided()) settleOn(found, looks)
  }

  const settleOn = (found: WatchedServer | undefined, looks?: ReadonlyMap<WatchedServer, Look | undefined>) => {
    const look = current && looks?.get(current)
    if (found === undefined && current !== undefined && look === undefined && ++silent < silentRounds) return
    silent = 0
    const wasReplaced = replaced !== undefined
    replaced = found === undefined ? (replacementOf(looks) ?? replaced) : undefined
    current = found
    const isFirst = last === undefined
    const isMove = found === undefined ? replaced !== undefined && !wasReplaced : found !== last
    if (found !== undefined) [last, lastTimeline] = [found, history?.timeline ?? 0]
    if (isMove && !isFirst) for (const hear of hearers) hear()
  }

  /** Said of the last one, where it goes on beside its successor. */
  const replacementOf = (looks: ReadonlyMap<WatchedServer, Look | undefined> = new Map()) => {
    const look = last && looks.get(last)
    if (last === undefined || look === undefined || look.isStandby || history === undefined) return undefined
    if (look.systemId !== history.systemId || look.timeline >= history.timeline) return undefined
    return `${last.name} ${stateOf(look, history)}`
  }

  const lookAtAll = async () => {
    const looks = new Map<WatchedServer, Look | undefined>()
    const silences: Error[] = []
    await Promise.all(
      servers.map(async (server) => {
        const look = await server.look().catch((error: Error) => {
          states.set(server.name, error.message)
          silences.push(error)
          return undefined
        })
        looks.set(server, look)
      }),
    )
    // One that hangs, or takes no more connections, may have been promoted while the other was away.
    isOneUnknown = !silences.every(isDown)
    // In the order in which they are named.
    lastLooks = new Map(servers.map((server) => [server, looks.get(server)]))
    settle(lastLooks)
  }

  let looking: Promise<void> | undefined
  const look = () => {
    looking ??= lookAtAll().finally(() => {
      looking = undefined
    })
    return looking
  }

  return {
    get current() {
      return current
    },
    get history() {
      return history
    },
    states,
    async find() {
      if (current === undefined) await look()
      while (current === undefined && isUndecided()) {
        await setTimeout(askAgainMs)
        await look()
      }
      if (current !== undefined) return current
      const why = [...states].map(([name, state]) => (state.startsWith(name) ? state : `${name} ${state}`)).join('; ')
      throw new CannotConnectError(`No server of DATABASE_URL takes writes: ${why}`)
    },
    get replaced() {
      return replaced
    },
    onMove: (hear) => void hearers.push(hear),
    tell({ isStandby, systemId, timeline }) {
      if (!isStandby || history === undefined) return
      if (systemId !== history.systemId || timeline <= history.timeline) return
      history = { ...history, timeline }
      settle(lastLooks)
    },
    look,
  }
}

/** Nothing listens there. */
function isDown({ cause }: Error): boolean {
  return (cause as NodeJS.ErrnoException | undefined)?.code === 'ECONNREFUSED'
}

function stateOf(look: Look, { systemId, timeline }: History): string {
  if (look.systemId !== systemId) return 'belongs to another cluster'
  if (look.isStandby) return 'is a standby'
  if (look.timeline < timeline) {
    return `is a fork: it goes on with timeline ${look.timeline}, after a promotion to ${timeline}`
  }
  return look.isWritable ? 'takes writes' : 'takes no writes'
}
