import type { IncomingMessage } from 'node:http'
import { pipeline, Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { AppError, fieldError, type ReceivedFile, type Spool } from '@extropy/api'
import { Busboy, type BusboyInstance } from '@fastify/busboy'
import type { HttpBindings } from '@hono/node-server'
import { TRPCError } from '@trpc/server'
import type { Context as HonoContext } from 'hono'
import { overloaded } from './admission.ts'
import type { AppEnv } from './app-env.ts'
import { headerOf } from './header-of.ts'

/** A client that sends nothing for so long has gone. */
const idleMs = 30_000
/** Uploads that arrive at the same time: each holds a file, a connection and little memory. */
const mostAtOnce = 32
const mostOfUser = 4

export interface Arrived {
  readonly file: ReceivedFile
  /** As the headers or the form say it. */
  readonly name: string | undefined
}

/** Receives files into the spool, one to a request: as the body, or in a form. */
export function createFileReceiver() {
  const arriving = new Map<string, number>()

  return async function receiveFile(c: HonoContext<AppEnv>, spool: Spool): Promise<Arrived> {
    const user = c.get('context').principal?.userId ?? ''
    const own = arriving.get(user) ?? 0
    const all = [...arriving.values()].reduce((sum, count) => sum + count, 0)
    if (own >= mostOfUser || all >= mostAtOnce) throw overloaded('Too many archives are arriving.')
    arriving.set(user, own + 1)
    const place = c.get('place')
    place.leave()
    try {
      const arrived = await receive(c, spool)
      place.enter()
      return arrived
    } finally {
      if (own === 0) arriving.delete(user)
      else arriving.set(user, (arriving.get(user) ?? 1) - 1)
    }
  }
}

async function receive(c: HonoContext<AppEnv>, spool: Spool): Promise<Arrived> {
  const type = checkHeaders(c)
  const length = Number(headerOf(c, 'content-length') ?? 0)
  const idle = new AbortController()
  const signal = AbortSignal.any([c.get('scope').gone, idle.signal])
  const timer = setTimeout(
    () => idle.abort(new AppError('request_timeout', 'The file did not go on arriving.')),
    idleMs,
  )
  const source = withPulse(bodyOf(c), () => timer.refresh())
  try {
    if (!/^multipart\/form-data/i.test(type)) {
      const file = await spool.receive(source, { expectedBytes: length, signal })
      return { file, name: nameInHeaders(c) }
    }
    return await receiveForm(source, { type, length, spool, signal })
  } catch (error) {
    if (idle.signal.aborted) throw idle.signal.reason
    const hasGone = c.get('scope').gone.aborted || (error as NodeJS.ErrnoException).code === 'ECONNRESET'
    throw hasGone ? new DOMException('The caller has gone', 'AbortError') : error
  } finally {
    clearTimeout(timer)
  }
}

/** Returns the content type. */
function checkHeaders(c: HonoContext<AppEnv>): string {
  const coding = headerOf(c, 'content-encoding')
  if (coding !== undefined && coding.toLowerCase() !== 'identity') {
    throw refused('content-encoding', 'must be left out: send a gzip file as it is')
  }
  const type = headerOf(c, 'content-type') ?? ''
  if (/^application\/x-www-form-urlencoded/i.test(type)) {
    throw refused(
      'content-type',
      'must be application/octet-stream, or multipart/form-data: curl -T FILE sends a file as it is',
    )
  }
  return type
}

function refused(field: string, message: string): TRPCError {
  const cause = fieldError('invalid_input', field, message)
  return new TRPCError({ code: 'UNSUPPORTED_MEDIA_TYPE', message: cause.message, cause })
}

function bodyOf(c: HonoContext<AppEnv>): Readable {
  const incoming = (c.env as Partial<HttpBindings> | undefined)?.incoming as IncomingMessage | undefined
  if (incoming !== undefined) return incoming
  return c.req.raw.body ? Readable.fromWeb(c.req.raw.body as ReadableStream) : Readable.from([])
}

/** Does not end the body's own stream when it is left: the answer still has to go over its connection. */
async function* withPulse(body: Readable, onPiece: () => void): AsyncGenerator<Buffer> {
  for await (const piece of body.iterator({ destroyOnReturn: false })) {
    onPiece()
    yield piece
  }
}

/** `X-Filename` may be percent-encoded, and `filename*` of Content-Disposition is: headers have only ASCII. */
function nameInHeaders(c: HonoContext<AppEnv>): string | undefined {
  const own = headerOf(c, 'x-filename')
  if (own !== undefined) return decoded(own)
  const disposition = headerOf(c, 'content-disposition') ?? ''
  const extended = /filename\*\s*=\s*UTF-8''([^;\s]+)/i.exec(disposition)?.[1]
  return extended
    ? decoded(extended)
    : /filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(disposition)?.slice(1).find(Boolean)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

interface FormOptions {
  readonly type: string
  readonly length: number
  readonly spool: Spool
  readonly signal: AbortSignal
}

/** The first file of a form, as browsers send it; a second one is refused. */
async function receiveForm(
  source: AsyncIterable<Buffer>,
  { type, length, spool, signal }: FormOptions,
): Promise<Arrived> {
  let arriving: Promise<Arrived> | undefined
  let fault: unknown
  const parser = createParser(type)
  parser.on('file', (_field, stream, filename) => {
    // One that is never read would hold up the form.
    stream.on('error', () => {})
    if (arriving !== undefined) {
      fault ??= fieldError('invalid_input', 'body', 'must have one file: send each in a request of its own')
      stream.resume()
      return
    }
    arriving = spool.receive(stream as AsyncIterable<Uint8Array>, { expectedBytes: length, signal }).then((file) => ({
      file,
      name: filename,
    }))
    arriving.catch((error) => {
      fault ??= error
      parser.destroy(error)
    })
  })
  await new Promise<void>((resolve) => {
    pipeline(Readable.from(source), parser, (error) => {
      if (error) fault ??= error
      resolve()
    })
  })
  const arrived = await arriving?.catch((error) => {
    fault ??= error
    return undefined
  })
  if (fault !== undefined) {
    if (arrived !== undefined) await spool.remove(arrived.file.id)
    signal.throwIfAborted()
    throw fault instanceof AppError ? fault : broken(fault)
  }
  if (arrived === undefined) throw fieldError('invalid_input', 'body', 'has no file in its form')
  return arrived
}

function createParser(type: string): BusboyInstance {
  try {
    return new Busboy({
      headers: { 'content-type': type },
      preservePath: true,
      limits: { fields: 20, fieldSize: 10_000, files: 2, parts: 30 },
    })
  } catch (error) {
    throw broken(error)
  }
}

const broken = (cause: unknown) =>
  fieldError('invalid_input', 'body', `is no whole form: ${cause instanceof Error ? cause.message : 'it breaks off'}`)
