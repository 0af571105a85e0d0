import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { AppError, fieldError, toTrpcError } from '@extropy/api'
import type { HttpBindings } from '@hono/node-server'
import { getTRPCErrorFromUnknown, TRPCError } from '@trpc/server'
import type { Context as HonoContext, MiddlewareHandler } from 'hono'
import { networkOf } from './address.ts'
import { overloaded } from './admission.ts'
import type { AppEnv } from './app-env.ts'
import { errorResponse } from './errors.ts'
import { headerOf } from './header-of.ts'
import { readBytes, TooManyBytesError } from './read-bytes.ts'
import { isUpload } from './uploads.ts'

/** Twice the size of a prompt of a million characters, so that the schema, which names the field, refuses such a prompt. */
const bodyLimitBytes = 2 * 2 ** 20
/** The bound for all bodies that are arriving together. */
const waitingLimitBytes = 256 * 2 ** 20
/** Bodies that are on their way from one address, which many people may share. */
const maxWaitingPerNetwork = 200

/**
 * Reads a request's body before anything works on it. A request that waits for its client's bytes has no place among those
 * that are worked on, and the request's deadline ends the wait.
 */
export function receiveBodies(): MiddlewareHandler<AppEnv> {
  const waiting = new Map<string, number>()
  let waitingBytes = 0

  /** Waits under its caller's address, within the bounds of all. */
  async function wait(c: HonoContext<AppEnv>, source: Readable): Promise<Buffer> {
    const network = networkOf(c.get('context').address ?? 'unknown')
    const others = waiting.get(network) ?? 0
    if (others >= maxWaitingPerNetwork) throw tooManyWaiting()
    waiting.set(network, others + 1)
    let ownBytes = 0
    const onGrow = (bytes: number) => {
      ownBytes += bytes
      waitingBytes += bytes
      if (waitingBytes > waitingLimitBytes) throw overloaded('Too many request bodies are arriving.')
    }
    try {
      return await readBytes(source, { maxBytes: bodyLimitBytes, signal: c.get('scope').signal, onGrow })
    } finally {
      waitingBytes -= ownBytes
      const left = (waiting.get(network) ?? 1) - 1
      if (left === 0) waiting.delete(network)
      else waiting.set(network, left)
    }
  }

  return async (c, next) => {
    const source = isUpload(c.req.method, c.req.path) ? undefined : bodyOf(c)
    if (source === undefined) return next()
    const place = c.get('place')
    try {
      checkHeaders(c)
      place.leave()
      const bytes = await wait(c, source)
      place.enter()
      if (!isUtf8(bytes)) throw refused('BAD_REQUEST', 'body', 'must be UTF-8')
      keep(c, bytes)
    } catch (error) {
      // The rest of the body stays unread, so the connection cannot be used again: the client must hear that.
      c.get('head').connection = 'close'
      return errorResponse(c, explain(error))
    }
    return next()
  }
}

/** Undefined where the request has none, or where nobody reads it. */
function bodyOf(c: HonoContext<AppEnv>): Readable | undefined {
  const { method } = c.req
  if (method === 'GET' || method === 'HEAD') return undefined
  const incoming = incomingOf(c)
  if (incoming === undefined) return c.req.raw.body ? Readable.fromWeb(c.req.raw.body as ReadableStream) : undefined
  const { 'content-length': length = '0', 'transfer-encoding': coding } = incoming.headers
  return length === '0' && coding === undefined ? undefined : incoming
}

function checkHeaders(c: HonoContext<AppEnv>): void {
  const coding = headerOf(c, 'content-encoding')
  if (coding !== undefined && coding.toLowerCase() !== 'identity') {
    c.get('head')['accept-encoding'] = 'identity'
    throw refused('UNSUPPORTED_MEDIA_TYPE', 'content-encoding', 'must be left out: bodies are not decoded')
  }
  if (Number(headerOf(c, 'content-length') ?? 0) > bodyLimitBytes) throw tooLarge()
}

/** Where node-server, or Hono without it, looks for a body that has been read already. */
function keep(c: HonoContext<AppEnv>, bytes: Buffer): void {
  const incoming = incomingOf(c) as (IncomingMessage & { rawBody?: Buffer }) | undefined
  if (incoming !== undefined) incoming.rawBody = bytes
  else c.req.raw = new Request(c.req.raw, { body: bytes as Uint8Array<ArrayBuffer> })
}

function incomingOf(c: HonoContext<AppEnv>): IncomingMessage | undefined {
  return (c.env as Partial<HttpBindings> | undefined)?.incoming as IncomingMessage | undefined
}

function explain(error: unknown): TRPCError {
  if (error instanceof TRPCError) return error
  if (error instanceof TooManyBytesError) return tooLarge()
  if ((error as Error).name === 'TimeoutError') {
    const cause = new AppError('request_timeout', 'The body did not arrive in time.')
    return new TRPCError({ code: 'TIMEOUT', message: cause.message, cause })
  }
  return toTrpcError(getTRPCErrorFromUnknown(error))
}

function tooLarge(): TRPCError {
  return refused('PAYLOAD_TOO_LARGE', 'body', `must be at most ${bodyLimitBytes} bytes`)
}

function tooManyWaiting(): TRPCError {
  const message = `More than ${maxWaitingPerNetwork} bodies from this address are arriving. Try again in a moment.`
  return new TRPCError({ code: 'TOO_MANY_REQUESTS', message, cause: new AppError('rate_limited', message) })
}

function refused(code: TRPCError['code'], field: string, message: string): TRPCError {
  const cause = fieldError('invalid_input', field, message)
  return new TRPCError({ code, message: cause.message, cause })
}
