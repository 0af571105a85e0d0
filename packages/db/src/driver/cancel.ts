import { connect } from 'node:net'

export interface CancelTarget {
  readonly host: string
  readonly port: number
  readonly processId: number
  readonly secretKey: number
}

/** A storm of hang-ups must not become a storm of connections. */
const maxAtOnce = 4
const timeoutMs = 2000
const cancelRequestCode = 80877102

/**
 * Asks the server to stop a session's statement: a cancel request, on a connection of its own (which PgBouncer passes
 * on to the right session, unlike `pg_cancel_backend`). At most four at once, the others wait. Resolves when the server
 * has closed the connection: the signal is on its way; rejects never, for then `statement_timeout` ends the statement.
 */
export function createCanceller(): (target: CancelTarget) => Promise<void> {
  let running = 0
  const waiting: (() => void)[] = []
  return async (target) => {
    if (running >= maxAtOnce) await new Promise<void>((resolve) => waiting.push(resolve))
    running++
    try {
      await sendCancelRequest(target)
    } finally {
      running--
      waiting.shift()?.()
    }
  }
}

function sendCancelRequest({ host, port, processId, secretKey }: CancelTarget): Promise<void> {
  const request = Buffer.alloc(16)
  request.writeInt32BE(request.length, 0)
  request.writeInt32BE(cancelRequestCode, 4)
  request.writeInt32BE(processId, 8)
  request.writeInt32BE(secretKey, 12)
  return new Promise((resolve) => {
    const socket = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host)
    socket.setTimeout(timeoutMs, () => socket.destroy())
    socket.on('error', () => {})
    socket.on('close', () => resolve())
    socket.on('connect', () => socket.end(request))
    socket.resume()
  })
}
