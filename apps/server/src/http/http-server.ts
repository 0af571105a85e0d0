import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import { Server as NetServer, type Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Logger } from 'pino'
import { securityHeaders } from './answer-headers.ts'
import type { App } from './app.ts'
import { checkTarget } from './request-target.ts'
import { isUpload } from './uploads.ts'

/** A client has so long to send its headers. Slower ones are cut off. */
const headersTimeoutMs = 10_000
/** How often node looks for clients that are too slow. */
const lookForSlowMs = 5000
/** After the answer to a malformed request, the connection is destroyed within this time, whether the client reads or not. */
const lingerMs = 1000
/** The interval between looks at all connections; one whose answer has not moved on since the last look is cut off. */
const lookEveryMs = 30_000
/** Longer than common load balancers keep theirs, so that none of them sends into a connection that closes. */
const keepAliveMs = 65_000
const maxConnections = 10_000

/** Node's server: hits straight from memory, everything else through Hono. */
export function createHttpServer({ hono, fastPath, deadlineMs }: App, logger: Logger): Server {
  const refuse = (res: ServerResponse, { status, body, headers }: Refusal) => {
    res.writeHead(status, { ...securityHeaders, ...headers }).end(body)
  }
  const listener = getRequestListener(hono.fetch, {
    // For HTTP/1.0, which has no Host.
    hostname: 'localhost',
    errorHandler(err) {
      // A target that no URL can be made of. Errors of handlers do not come so far.
      const isTheirs = err instanceof Error && err.name === 'RequestError'
      logger[isTheirs ? 'debug' : 'error']({ err }, isTheirs ? malformed : 'request failed')
      if (!isTheirs) return new Response(null, { status: 500 })
      const { status, body, headers } = refusalOf(undefined)
      return new Response(body, { status, headers: { ...securityHeaders, ...headers } })
    },
  })
  const server = createServer(
    {
      headersTimeout: headersTimeoutMs,
      // Files may take as long as they go on arriving; of other bodies, `cutOffSlowBody` is for those that nobody reads.
      requestTimeout: 0,
      connectionsCheckingInterval: lookForSlowMs,
      keepAliveTimeout: keepAliveMs,
      requireHostHeader: false,
    },
    (req, res) => {
      // The server has closed its port: the next request shall go where it is open.
      if (!server.listening) res.shouldKeepAlive = false
      const problem = checkTarget(req)
      cutOffSlowBody(req, headersTimeoutMs + deadlineMs)
      if (problem !== undefined) refuse(res, refusal(400, problem))
      else if (!fastPath(req, res)) void listener(req, res)
    },
  )
  server.maxConnections = maxConnections
  cutOffSlowReaders(server)
  server.on('clientError', (err: NodeJS.ErrnoException, socket: Socket) => {
    if (!socket.writable || err.code === 'ECONNRESET') {
      socket.destroy()
      return
    }
    logger.debug({ err }, malformed)
    socket.end(inWords(refusalOf(err.code)))
    // A client that does not close its side would keep the connection, and the requests that are still on it, for ever.
    setTimeout(() => socket.destroy(), lingerMs).unref()
  })
  return server
}

/**
 * Closes the port alone. Connections stay, each until its next answer, which says that it closes: one that is closed while it is
 * idle may be closed under a request that is on its way.
 */
export function closePort(server: Server): void {
  NetServer.prototype.close.call(server)
}

/** The application ends slow bodies itself, with its deadline, and files when they stop arriving; this is for bodies that nobody reads. */
function cutOffSlowBody(req: IncomingMessage, limitMs: number): void {
  const { 'content-length': length = '0', 'transfer-encoding': coding } = req.headers
  if ((length === '0' && coding === undefined) || isUpload(req.method, (req.url ?? '').replace(/\?.*/s, ''))) return
  const timer = setTimeout(() => {
    if (!req.complete) req.socket.destroy()
  }, limitMs).unref()
  req.once('end', () => clearTimeout(timer))
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
      // Node counts bytes as written that it still holds back; the kernel has only the rest.
      const sent = bytesWritten - writableLength
      if (writableLength > 0 && written.get(socket) === sent) socket.destroy()
      else written.set(socket, sent)
    }
  }, lookEveryMs)
  timer.unref()
  server.once('close', () => clearInterval(timer))
}

interface Refusal {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** In the shape of all other errors, as far as that is known before there is a request. */
function refusal(status: number, message: string): Refusal {
  const issues = [{ field: 'request', message }]
  const data = { code: 'BAD_REQUEST', httpStatus: status, reason: 'invalid_input', issues }
  const body = JSON.stringify({ error: { message: `request: ${message}`, code: -32600, data } })
  const contentLength = String(Buffer.byteLength(body))
  return {
    status,
    headers: { 'content-type': 'application/json', 'content-length': contentLength, connection: 'close' },
    body,
  }
}

const malformed = 'malformed HTTP request'

/** The answer to a request that node could not parse. */
function refusalOf(code: string | undefined): Refusal {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return refusal(431, 'URL and headers must be at most 16 kB together: send a long query as POST')
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return refusal(408, 'did not arrive in time')
  return refusal(400, 'is malformed HTTP')
}

function inWords({ status, headers, body }: Refusal): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n')
}
