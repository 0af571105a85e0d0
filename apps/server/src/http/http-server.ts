import { createServer, type Server, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Logger } from 'pino'
import { securityHeaders } from './answer-headers.ts'
import type { App } from './app.ts'

/** A client has so long to send its headers, and then its whole request. Slower ones are cut off. */
const headersTimeoutMs = 10_000
const requestTimeoutMs = 30_000
/** How often connections are looked at; one whose answer has not moved on since the last look is cut off. */
const lookEveryMs = 30_000
/** Longer than common load balancers keep theirs, so that none of them sends into a connection that closes. */
const keepAliveMs = 65_000
const maxConnections = 10_000

/** Node's server: hits straight from memory, everything else through Hono. */
export function createHttpServer({ hono, fastPath }: App, logger: Logger): Server {
  const listener = getRequestListener(hono.fetch, {
    errorHandler(error) {
      // A target or a Host that no URL can be made of. Errors of handlers do not come so far.
      const isTheirs = error instanceof Error && error.name === 'RequestError'
      logger[isTheirs ? 'debug' : 'error']({ err: error }, isTheirs ? 'a request that is no HTTP' : 'request failed')
      if (!isTheirs) return new Response(null, { status: 500 })
      const { status, body, headers } = refusal(undefined)
      return new Response(body, { status, headers: { ...securityHeaders, ...headers } })
    },
  })
  const server = createServer(
    { headersTimeout: headersTimeoutMs, requestTimeout: requestTimeoutMs, keepAliveTimeout: keepAliveMs },
    (req, res) => {
      if (!fastPath(req, res)) void listener(req, res)
    },
  )
  server.maxConnections = maxConnections
  cutOffSlowReaders(server)
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') {
      socket.destroy()
      return
    }
    logger.debug({ err: error }, 'a request that is no HTTP')
    socket.end(inWords(refusal(error.code)))
  })
  return server
}

/**
 * A timer for each connection, which node offers, is set anew with every answer and costs a hit a third of its time; a look
 * at all of them now and then finds the same ones.
 */
function cutOffSlowReaders(server: Server): void {
  const sockets = new Set<Socket>()
  const written = new WeakMap<Socket, number>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const timer = setInterval(() => {
    for (const socket of sockets) {
      const { bytesWritten, writableLength } = socket
      // What node has taken but the kernel has not counts as written: what is sent is the rest.
      const sent = bytesWritten - writableLength
      if (writableLength > 0 && written.get(socket) === sent) socket.destroy()
      else written.set(socket, sent)
    }
  }, lookEveryMs)
  timer.unref()
  server.once('close', () => clearInterval(timer))
}

/** For what node could not read as a request: in the error shape of everything else, as far as there is one. */
function refusal(code: string | undefined): Refusal {
  const { status, message } = reasonFor(code)
  const body = JSON.stringify({
    error: {
      message,
      code: -32600,
      data: {
        code: 'BAD_REQUEST',
        httpStatus: status,
        reason: 'invalid_input',
        issues: [{ field: 'request', message }],
      },
    },
  })
  const contentLength = String(Buffer.byteLength(body))
  return {
    status,
    headers: { 'content-type': 'application/json', 'content-length': contentLength, connection: 'close' },
    body,
  }
}

interface Refusal {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

function inWords({ status, headers, body }: Refusal): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n')
}

function reasonFor(code: string | undefined): { status: number; message: string } {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return { status: 431, message: 'URL and headers must be at most 16 kB together: send a long query as POST' }
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return { status: 408, message: 'The request did not arrive in time' }
  return { status: 400, message: 'This is not an HTTP request' }
}
