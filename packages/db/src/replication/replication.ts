import { createPrimary, type Primary } from './primary.ts'
import { createReplicas, type Replica, type ReplicaChange, type Replicas } from './replicas.ts'
import { type NamedServers, namedServers } from './server-urls.ts'
import { watchServer } from './watched-server.ts'

/** Where a server is, for connections that are opened anew when they break. */
export interface ServerAddress {
  /** @throws CannotConnectError while there is no such server. */
  find(): Promise<string>
  /** Calls back when it has become another: connections to the old one must not be used any more. */
  onMove(hear: () => void): void
  /** Ends what looks for it. */
  close(): Promise<void>
}

/** Looks at the servers of one URL, and at the replicas, until it is closed. */
export interface Replication {
  readonly primary: Primary
  readonly replicas: Replicas | undefined
  /** Looks now instead of at the next turn: somebody has met a server that does not work. */
  hurry(): void
  close(): Promise<void>
}

const everyMs = 500

export function watchReplication(
  { urls }: NamedServers,
  {
    replicas: given,
    maxLagMs,
    onChange,
  }: {
    readonly replicas: readonly Replica[]
    readonly maxLagMs: number
    readonly onChange?: ((change: ReplicaChange) => void) | undefined
  },
): Replication {
  const servers = urls.map((url) => watchServer(url))
  const primary = createPrimary(servers)
  const replicas = given.length === 0 ? undefined : createReplicas(given, { primary, maxLagMs, onChange })
  // Each in rounds of its own: one that hangs keeps nobody else waiting.
  const lookAtPrimary = oneAtATime(() => primary.look())
  const lookAtReplicas = oneAtATime(async () => replicas?.look())
  const hurry = () => {
    void lookAtPrimary().then(lookAtReplicas)
    void lookAtReplicas()
  }
  const timer = setInterval(hurry, everyMs)
  timer.unref()
  hurry()
  return {
    primary,
    replicas,
    hurry,
    async close() {
      clearInterval(timer)
      await Promise.all([...servers, ...given.map(({ server }) => server)].map((server) => server.close()))
    },
  }
}

/** Whoever calls while it is under way goes without. */
function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let isUnderWay = false
  return async () => {
    if (isUnderWay) return
    isUnderWay = true
    try {
      await work()
    } finally {
      isUnderWay = false
    }
  }
}

/** The address of a URL's server, or of that one of its servers that takes writes. */
export function findAddress(url: string): ServerAddress {
  const named = namedServers(url)
  if (!named.areCandidates) return { find: async () => url, onMove: () => {}, close: async () => {} }
  const { primary, close } = watchReplication(named, { replicas: [], maxLagMs: 0 })
  return { find: async () => (await primary.find()).url, onMove: primary.onMove, close }
}
