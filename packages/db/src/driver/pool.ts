import pg from 'pg'
import { BusyError, CannotConnectError, DatabaseUnavailableError } from '../pg-errors.ts'

export interface PoolOptions {
  /** Connections that stay open when there is little to do. Default 20. */
  readonly size?: number
  /** Connections in a burst. Default 50. */
  readonly maxSize?: number
  /** How long a caller waits for a connection. Default 30,000 ms. */
  readonly waitMs?: number
  /** How many callers may wait; the next one is refused at once. Default 1000. */
  readonly maxWaiting?: number
  /** How long opening a connection may take. Default 10,000 ms. */
  readonly connectMs?: number
  /** How many times a connection is handed out before it is replaced. Default: any number of times. */
  readonly maxUses?: number
  /** The age at which a connection is replaced. Default 3600 s. */
  readonly maxLifetimeSeconds?: number
  /** A connection that nobody used for this long is asked for a sign of life before a caller gets it. Default 30,000 ms. */
  readonly pingAfterIdleMs?: number
}

/** Statistics with the key names of /health/performance. */
export interface PoolStats {
  readonly poolSize: number
  readonly maxSize: number
  readonly checkedOut: number
  readonly checkedIn: number
  /** Open connections beyond `poolSize`. */
  readonly overflow: number
  readonly totalConnections: number
  /** Callers that wait for a connection now. */
  readonly waiting: number
  /** Callers that were sent away since the start. */
  readonly refused: number
}

export interface ConnectionPool {
  /** @throws BusyError where none comes free in time; DatabaseUnavailableError where none can be opened; the signal's reason on abort. */
  acquire(signal?: AbortSignal): Promise<pg.PoolClient>
  /** `broken` closes the connection instead of keeping it. */
  release(client: pg.PoolClient, broken: boolean): void
  /**
   * Hands out no connection again that was opened before: the server's name may lead to another node by now. At most once
   * a second, so that a node that refuses every write is not connected to anew for each of them.
   */
  renew(): void
  /** Cuts every connection that is open now, and what runs on them: the server that they lead to must not be used any more. */
  cut(): void
  stats(): PoolStats
  close(): Promise<void>
}

/** How long a silent connection has for its sign of life. */
const pingTimeoutMs = 1000
const renewAtMostEveryMs = 1000

/** Where connections lead, where that can change. */
export interface MovingTarget {
  /** The URL for a new connection. Only asked after `found`. */
  url(): string
  /** Resolves when there is a server to connect to. @throws CannotConnectError */
  found(): Promise<unknown>
}

/** `pg`'s pool with a bounded queue, a typed refusal, a sign of life from idle connections, and waits that can be aborted. */
export function createPool(
  config: pg.PoolConfig,
  options: PoolOptions,
  onIdleError: (error: Error) => void,
  target?: MovingTarget,
): ConnectionPool {
  const { size = 20, maxSize = 50, waitMs = 30_000, maxWaiting = 1000, connectMs = 10_000 } = options
  const { maxUses = Number.POSITIVE_INFINITY, maxLifetimeSeconds = 3600, pingAfterIdleMs = 30_000 } = options
  const opening = new Set<pg.ClientBase>()
  const pool = new pg.Pool({
    ...config,
    min: Math.min(size, maxSize),
    max: maxSize,
    connectionTimeoutMillis: waitMs,
    maxUses,
    maxLifetimeSeconds,
    Client: withConnectTimeout(config.Client ?? pg.Client, connectMs, opening),
  } as pg.PoolConfig)
  const idleSince = new WeakMap<pg.PoolClient, number>()
  const openedAt = new WeakMap<pg.PoolClient, number>()
  let renewedAt = Number.NEGATIVE_INFINITY
  let refused = 0
  const open = new Set<pg.PoolClient>()
  const isOld = (client: pg.PoolClient) => (openedAt.get(client) ?? 0) < renewedAt || leadsElsewhere(client, target)

  pool.on('error', onIdleError)
  // The pool listens only while a connection is idle. One that breaks inside a transaction, between two statements,
  // would end the process; this way its next statement fails.
  pool.on('connect', (client) => {
    openedAt.set(client, performance.now())
    open.add(client)
    client.on('error', () => {})
  })
  pool.on('remove', (client) => open.delete(client))

  const refuse = (message: string): never => {
    refused++
    throw new BusyError(message)
  }

  const connect = async (signal: AbortSignal | undefined): Promise<pg.PoolClient> => {
    signal?.throwIfAborted()
    if (pool.waitingCount >= maxWaiting)
      refuse(`All ${maxSize} database connections are in use, and ${maxWaiting} callers wait.`)
    try {
      return await (signal === undefined ? pool.connect() : orAbort(pool.connect(), signal))
    } catch (error) {
      if (signal?.aborted) throw error
      if (error instanceof Error && error.message.startsWith('timeout exceeded')) {
        refuse(`None of ${maxSize} database connections came free in ${waitMs} ms.`)
      }
      throw cannotConnect(target?.url() ?? config.connectionString, error)
    }
  }

  return {
    async acquire(signal) {
      for (;;) {
        if (target !== undefined) await target.found()
        const client = await connect(signal)
        const since = idleSince.get(client)
        const isFresh = since === undefined || performance.now() - since < pingAfterIdleMs
        if (!isOld(client) && (isFresh || (await isAlive(client)))) return client
        client.release(true)
      }
    },
    release(client, broken) {
      idleSince.set(client, performance.now())
      client.release(broken || isOld(client))
    },
    renew() {
      if (performance.now() - renewedAt > renewAtMostEveryMs) renewedAt = performance.now()
    },
    cut() {
      renewedAt = performance.now()
      for (const client of [...open, ...opening]) cutOff(client)
    },
    stats: () => ({
      poolSize: size,
      maxSize,
      checkedOut: pool.totalCount - pool.idleCount,
      checkedIn: pool.idleCount,
      overflow: Math.max(0, pool.totalCount - size),
      totalConnections: pool.totalCount,
      waiting: pool.waitingCount,
      refused,
    }),
    close: () => pool.end(),
  }
}

type ClientConstructor = new (config?: pg.ClientConfig) => pg.ClientBase

/** Each new connection leads to where the target is at that moment. */
export function withTarget(Client: ClientConstructor, target: MovingTarget): ClientConstructor {
  return class extends Client {
    constructor(config?: pg.ClientConfig) {
      const url = target.url()
      super({ ...config, connectionString: url })
      leadsTo.set(this, url)
    }
  }
}

const leadsTo = new WeakMap<object, string>()

function leadsElsewhere(client: object, target: MovingTarget | undefined): boolean {
  return target !== undefined && leadsTo.get(client) !== target.url()
}

/** Statements under way fail as they do when the server goes away. */
export function cutOff(client: pg.ClientBase): void {
  ;(client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy()
}

/** The pool has one time limit for waiting and for connecting; here each has its own. `opening` has those that are not open yet. */
function withConnectTimeout(
  Client: ClientConstructor,
  connectMs: number,
  opening: Set<pg.ClientBase>,
): ClientConstructor {
  return class extends Client {
    constructor(config?: pg.ClientConfig) {
      // `password` is not enumerable in the pool's options.
      super({ ...config, password: config?.password, connectionTimeoutMillis: connectMs } as pg.ClientConfig)
      opening.add(this)
      const settle = () => opening.delete(this)
      this.once('connect', settle).once('end', settle)
    }
  }
}

/** `pg` has no option for parameters of the first message beyond its own. */
export function withStartup(Client: ClientConstructor, parameters: Readonly<Record<string, string>>) {
  const { getStartupConf } = Client.prototype as { getStartupConf(): Record<string, string> }
  return class extends Client {
    getStartupConf() {
      return { ...getStartupConf.call(this), ...parameters }
    }
  }
}

function cannotConnect(connectionString = '', cause: unknown): DatabaseUnavailableError {
  if (cause instanceof DatabaseUnavailableError) return cause
  // Node's error for a name with several addresses has no message of its own.
  const { message, code } = cause as NodeJS.ErrnoException
  return new CannotConnectError(
    `The database at ${withoutSecrets(connectionString)} cannot be reached: ${message || code}`,
    {
      cause,
    },
  )
}

function withoutSecrets(url: string): string {
  const { protocol, host, pathname } = URL.parse(url) ?? { protocol: '', host: '', pathname: '' }
  return `${protocol}//${host}${pathname}`
}

/** A connection that comes after the abort goes straight back. */
async function orAbort(connecting: Promise<pg.PoolClient>, signal: AbortSignal): Promise<pg.PoolClient> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([connecting, aborted])
  } catch (error) {
    connecting.then(
      (client) => client.release(),
      () => {},
    )
    throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

async function isAlive(client: pg.PoolClient): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, pingTimeoutMs, false)
  })
  const answer = client.query('').then(
    () => true,
    () => false,
  )
  const alive = await Promise.race([answer, silence])
  clearTimeout(timer)
  return alive
}
