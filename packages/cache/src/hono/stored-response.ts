import { hash } from 'node:crypto'
import type { Context } from 'hono'
import type { ResolvedResponseCacheOptions } from './options.ts'

/** An answer, ready to be sent again: a hit serialises nothing. */
export interface StoredResponse {
  readonly body: Uint8Array<ArrayBuffer>
  readonly etag: string
  /** Names in lower case. Everything but what depends on the moment: age and X-Cache. */
  readonly headers: Readonly<Record<string, string>>
  readonly tags: readonly string[]
}

/** Why an answer is not kept. */
export type Refusal = 'status' | 'set-cookie' | 'no-store' | 'private' | 'vary' | 'stream' | 'oversize'

/** What describes the content. All else belongs to one request: its id, its CORS answer, its remaining quota. */
const CONTENT_HEADERS = [
  'content-type',
  'content-language',
  'content-encoding',
  'content-disposition',
  'last-modified',
  'link',
]

/**
 * Takes the handler's answer from `c.res`, which stays fit to be sent. The answer is kept only where it is complete by now: one
 * that is still being produced is a stream, and passes through as it comes.
 */
export async function capture(
  c: Context,
  options: ResolvedResponseCacheOptions,
  isPublic: boolean,
): Promise<StoredResponse | Refusal> {
  const { headers, status } = c.res
  // An error handler may answer with any status: an error it is.
  if (c.error !== undefined) return 'status'
  const refusal = refusalOf(status, headers, options, isPublic)
  if (refusal !== undefined) return refusal
  const body = await takeBody(c, options.maxBodyBytes)
  if (typeof body === 'string') return body

  const kept: Record<string, string> = {}
  for (const name of [...CONTENT_HEADERS, ...options.keepHeaders]) {
    const value = headers.get(name)
    if (value !== null) kept[name.toLowerCase()] = value
  }
  const etag = headers.get('etag') ?? `"${hash('sha256', body, 'base64url').slice(0, 27)}"`
  kept.etag = etag
  kept['content-length'] = `${body.byteLength}`
  kept['cache-control'] = headers.get('cache-control') ?? (isPublic ? 'public, no-cache' : 'private, no-cache')
  if (options.vary.length > 0) kept.vary = options.vary.join(', ')
  const tags = options.tags(c)
  if (options.exposeTags) kept['x-cache-tags'] = tags.map(encodeURIComponent).join(' ')
  return { body, etag, headers: kept, tags }
}

function refusalOf(
  status: number,
  headers: Headers,
  { vary, maxBodyBytes }: ResolvedResponseCacheOptions,
  isPublic: boolean,
): Refusal | undefined {
  if (status !== 200) return 'status'
  if (headers.has('set-cookie')) return 'set-cookie'
  const control = headers.get('cache-control')?.toLowerCase() ?? ''
  if (/\bno-store\b/.test(control)) return 'no-store'
  if (isPublic && /\bprivate\b/.test(control)) return 'private'
  if (variesBy(headers).some((name) => !vary.includes(name))) return 'vary'
  if (headers.get('content-type')?.startsWith('text/event-stream') || headers.has('transfer-encoding')) return 'stream'
  if (Number(headers.get('content-length') ?? 0) > maxBodyBytes) return 'oversize'
  return undefined
}

/** Encoded answers vary by what the client accepts, whether or not they say so. CORS says `Origin`, but its headers are not kept. */
function variesBy(headers: Headers): string[] {
  const names = (headers.get('vary') ?? '').toLowerCase().split(',')
  if (headers.has('content-encoding')) names.push('accept-encoding')
  return names.map((name) => name.trim()).filter((name) => name !== '' && name !== 'origin')
}

/** Reads what there is of the body without waiting for more than one turn of the event loop. */
async function takeBody(c: Context, maxBytes: number): Promise<Uint8Array<ArrayBuffer> | 'stream' | 'oversize'> {
  const { body, headers, status } = c.res
  if (body === null) return new Uint8Array(0)
  const reader: ReadableStreamDefaultReader<Uint8Array> = body.getReader()
  const turn = new Promise<'stream'>((resolve) => void setImmediate(resolve, 'stream'))
  const chunks: Uint8Array[] = []
  let size = 0
  for (;;) {
    const next = reader.read()
    const part = await Promise.race([next, turn])
    if (part === 'stream') {
      replaceBody(c, follow(chunks, next, reader), headers, status)
      return 'stream'
    }
    if (part.done) {
      const bytes = joined(chunks, size)
      replaceBody(c, bytes, headers, status)
      return bytes
    }
    chunks.push(part.value)
    size += part.value.byteLength
    if (size > maxBytes) {
      replaceBody(c, follow(chunks, undefined, reader), headers, status)
      return 'oversize'
    }
  }
}

/** In memory of its own: `Buffer.concat` takes small ones from a pool, all of which a kept one would hold on to. */
export function joined(chunks: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return bytes
}

/** What was read, what is being read, and the rest. */
export function follow(
  chunks: readonly Uint8Array[],
  pending: ReturnType<ReadableStreamDefaultReader<Uint8Array>['read']> | undefined,
  reader: ReadableStreamDefaultReader<Uint8Array>,
): ReadableStream<Uint8Array> {
  let next = pending
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk)
    },
    async pull(controller) {
      const part = await (next ?? reader.read())
      next = undefined
      if (part.done) controller.close()
      else controller.enqueue(part.value)
    },
    cancel: (reason) => reader.cancel(reason),
  })
}

/** Hono merges the headers of an answer that is there already into the one that replaces it: hence the `undefined`. */
function replaceBody(
  c: Context,
  body: ReadableStream | Uint8Array<ArrayBuffer>,
  headers: Headers,
  status: number,
): void {
  c.res = undefined
  c.res = new Response(body, { status, headers })
}
