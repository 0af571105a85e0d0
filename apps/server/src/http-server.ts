import { createServer, type Server, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Logger } from 'pino'
import type { App } from './app.ts'

/** A client has so long to send its headers, and then its whole request. Slower ones are cut off. */
const headersTimeoutMs = 10_000
const requestTimeoutMs = 30_000
/** Nothing moved for so long, in either direction: whoever reads an answer that slowly gives up its connection. */
const idleSocketMs = 60_000
/** Longer than common load balancers keep theirs, so that none of them sends into a connection that closes. */
const keepAliveMs = 65_000
const maxConnections = 10_000

/** Node's server: hits straight from memory, everything else through Hono. */
export function createHttpServer({ hono, fastPath }: App, logger: Logger): Server {
  const listener = getRequestListener(hono.fetch)
  const server = createServer(
    { headersTimeout: headersTimeoutMs, requestTimeout: requestTimeoutMs, keepAliveTimeout: keepAliveMs },
    (req, res) => {
      if (!fastPath(req, res)) void listener(req, res)
    },
  )
  server.maxConnections = maxConnections
  server.timeout = idleSocketMs
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') {
      socket.destroy()
      return
    }
    logger.debug({ err: error }, 'a request that is no HTTP')
    socket.end(refusal(error.code))
  })
  return server
}

/** For what node could not read as a request: in the error shape of everything else, as far as there is one. */
function refusal(code: string | undefined): string {
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
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    '',
    body,
  ].join('\r\n')
}

function reasonFor(code: string | undefined): { status: number; message: string } {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return { status: 431, message: 'URL and headers must be at most 16 kB together: send a long query as POST' }
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return { status: 408, message: 'The request did not arrive in time' }
  return { status: 400, message: 'This is not an HTTP request' }
}
