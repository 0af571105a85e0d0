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
  /** Calls back when another server takes the writes than before: what was learnt from the old one may have been lost. */
  onMove(hear: () => void): void
  /** Looks at all servers. Whoever calls meanwhile shares the round. */
  look(): Promise<void>
}

interface History {
  readonly systemId: string
  readonly databaseId: string
  readonly timeline: number
}

/** Rounds in which a server that says nothing is waited for before the first primary is chosen: it may be a newer one. */
const undecidedRounds = 3
/** Rounds in which the primary may say nothing before it counts as gone: a busy machine can be slow once. */
const silentRounds = 2

/**
 * Of the servers that take writes, the one on the newest timeline that any server of the cluster has told of. So an old
 * primary that comes back beside its successor is refused: it is a fork, and what it would take would be lost.
 */
export function createPrimary(servers: readonly WatchedServer[]): Primary {
  const states = new Map<string, string>()
  const hearers: (() => void)[] = []
  let current: WatchedServer | undefined
  let last: WatchedServer | undefined
  let history: History | undefined
  let silent = 0
  let undecided = undecidedRounds

  const settle = (looks: ReadonlyMap<WatchedServer, Look | undefined>) => {
    const seen = [...looks].flatMap(([server, look]) => (look === undefined ? [] : [{ server, look }]))
    const writers = seen.filter(({ look }) => !look.isStandby && look.isWritable)
    // At the start the first one named decides which cluster this is about.
    const systemId = history?.systemId ?? (writers[0] ?? seen[0])?.look.systemId
    if (systemId === undefined) return settleOn(undefined)
    const own = seen.filter(({ look }) => look.systemId === systemId)
    const timeline = Math.max(history?.timeline ?? 0, ...own.map(({ look }) => look.timeline))
    // A database that was made anew has another id.
    const databaseId = (writers[0] ?? own[0])?.look.databaseId ?? history?.databaseId ?? ''
    history = { systemId, databaseId, timeline }
    for (const { server, look } of seen) states.set(server.name, stateOf(look, history))
    const fit = writers.filter(({ look }) => look.systemId === systemId && look.timeline === timeline)
    settleOn((fit.find(({ server }) => server === current) ?? fit[0])?.server, looks)
  }

  const settleOn = (found: WatchedServer | undefined, looks?: ReadonlyMap<WatchedServer, Look | undefined>) => {
    if (found === undefined && current !== undefined && looks?.get(current) === undefined && ++silent < silentRounds)
      return
    silent = 0
    current = found
    if (found === undefined || found === last) return
    const isMove = last !== undefined
    last = found
    if (isMove) for (const hear of hearers) hear()
  }

  const lookAtAll = async () => {
    const looks = new Map<WatchedServer, Look | undefined>()
    let isOneSilent = false
    await Promise.all(
      servers.map(async (server) => {
        const look = await server.look().catch((error: Error) => {
          states.set(server.name, error.message)
          isOneSilent ||= /time.?out/i.test(error.message)
          return undefined
        })
        looks.set(server, look)
      }),
    )
    // One that refuses is away; one that hangs may have been promoted while the other was away.
    if (history === undefined && isOneSilent && --undecided > 0) return
    undecided = 0
    // In the order in which they are named.
    settle(new Map(servers.map((server) => [server, looks.get(server)])))
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
      while (history === undefined && undecided > 0) await look()
      if (current !== undefined) return current
      const why = [...states].map(([name, state]) => (state.startsWith(name) ? state : `${name} ${state}`)).join('; ')
      throw new CannotConnectError(`No server of DATABASE_URL takes writes: ${why}`)
    },
    onMove: (hear) => void hearers.push(hear),
    look,
  }
}

function stateOf(look: Look, { systemId, timeline }: History): string {
  if (look.systemId !== systemId) return 'belongs to another cluster'
  if (look.isStandby) return 'is a standby'
  if (look.timeline < timeline) {
    return `is a fork: it goes on with timeline ${look.timeline}, after a promotion to ${timeline}`
  }
  return look.isWritable ? 'takes writes' : 'takes no writes'
}
