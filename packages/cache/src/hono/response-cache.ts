import type { Context, MiddlewareHandler, Next } from 'hono'
import type { ReadTrace } from '../read-options.ts'
import { annotate, answer, verdictOf } from './answer.ts'
import { requestKey } from './key.ts'
import { type ResolvedResponseCacheOptions, type ResponseCacheOptions, resolveResponseCacheOptions } from './options.ts'
import { createPathRules, isBelow, type PathRule } from './paths.ts'
import { takeRequestBody } from './request-body.ts'
import { capture, type Refusal, type StoredResponse } from './stored-response.ts'

/** Why a request is not answered from the cache, nor its answer kept. */
export type BypassCause = 'method' | 'excluded' | 'no-cache' | 'no-store' | 'range' | 'query-size' | 'credentials'

type Captured = StoredResponse | Refusal

interface Asked {
  readonly rule: PathRule
  /** `undefined` for what is the same for everyone. */
  readonly principal: string | undefined
  readonly body?: Uint8Array
}

interface Work extends Asked {
  readonly key: string
  readonly trace: Trace
}

interface Trace extends ReadTrace {
  /** What other middleware had set before the handler ran, where an older answer may have to replace the handler's. */
  headersBefore?: Headers
}

/** A request that this middleware runs again itself: on whose behalf, and who waits for its answer. */
interface Refresh {
  readonly principal: string | undefined
  readonly done: (captured: Captured) => void
}

const NOTHING: readonly undefined[] = []
/** A hit needs no promise of its own. */
const DONE = Promise.resolve()

/** The handler failed with 5xx, or a refresh brought nothing to keep. */
class HandlerFailedError extends Error {
  override readonly name = 'HandlerFailedError'
}

/**
 * Caches whole answers, serialised, by host, route, query and caller. Every answer says in `X-Cache` and `X-Cache-Cause` whether it
 * came from the cache, and why. Never kept: errors, answers with Set-Cookie, streams, what is larger than `maxBodyBytes`, and
 * what the handler marks `no-store`. Throws a `CacheOptionError` for options that cannot work.
 *
 * @example
 * app.use(authenticate)
 * app.use(responseCache({ cache, principal: (c) => c.get('user')?.id, tags: (c) => c.get('tags'), paths: { '/api/cards': 120_000 } }))
 */
export function responseCache(given: ResponseCacheOptions): MiddlewareHandler {
  const options = resolveResponseCacheOptions(given)
  const ruleOf = createPathRules(options.paths, options.ttlMs, options.exclude)
  const refreshes = new WeakMap<Request, Refresh>()

  function responseCache(c: Context, next: Next): Promise<void> {
    const refresh = refreshes.get(c.req.raw)
    if (refresh !== undefined) return runAgain(c, next, refresh)
    const rule = ruleOf(c.req.path)
    const bypass = bypassOf(c, options, rule)
    if (bypass !== undefined) return pass(c, next, bypass)
    const named = options.principal(c)
    if (named === undefined && hasCredentials(c)) return pass(c, next, 'credentials')
    const principal = named ?? undefined
    if (c.req.method === 'POST') return respondToBody(c, next, { rule, principal })
    return respond(c, next, { rule, principal }) ?? DONE
  }

  async function runAgain(c: Context, next: Next, { principal, done }: Refresh): Promise<void> {
    // Their session may have ended since, or a token may now be somebody else's: that answer is not for this key.
    const isSame = (options.principal(c) ?? undefined) === principal
    await next()
    done(isSame ? await capture(c, options, principal === undefined) : 'status')
  }

  async function respondToBody(c: Context, next: Next, asked: Asked): Promise<void> {
    const body = await takeRequestBody(c, options.maxQueryBytes)
    if (body === undefined) return pass(c, next, 'query-size')
    return respond(c, next, { ...asked, body })
  }

  function respond(c: Context, next: Next, asked: Asked): Promise<void> | undefined {
    const { method, raw } = c.req
    const { rule, principal, body } = asked
    const queryAt = raw.url.indexOf('?')
    const key = requestKey({
      method: method === 'HEAD' ? 'GET' : method,
      address: queryAt === -1 ? raw.url : raw.url.slice(0, queryAt),
      query: queryAt === -1 ? '' : raw.url.slice(queryAt + 1),
      principal,
      varying: options.vary.length === 0 ? NOTHING : options.vary.map((name) => c.req.header(name)),
      ...(body === undefined ? {} : { body, bodyType: c.req.header('content-type') }),
    })
    const trace: Trace = { status: 'miss', cause: 'absent', ageMs: 0 }
    const hit = options.cache.peek<StoredResponse>(key, trace)
    if (hit !== undefined) {
      answer(c, hit, verdictOf(trace), trace.ageMs)
      return undefined
    }
    return method === 'HEAD' ? respondToHead(c, next, key, rule) : work(c, next, { ...asked, key, trace })
  }

  /** A handler's answer to HEAD may have no body, and cannot stand for the answer to GET. */
  async function respondToHead(c: Context, next: Next, key: string, rule: PathRule): Promise<void> {
    const trace: ReadTrace = {}
    const found = await options.cache.get<StoredResponse>(key, { namespace: rule.prefix, trace })
    if (found !== undefined) return answer(c, found, verdictOf(trace), trace.ageMs)
    await next()
    annotate(c, { status: 'MISS', cause: 'head' })
  }

  /** Everything but a plain hit. */
  function work(c: Context, next: Next, { key, rule, principal, body, trace }: Work): Promise<void> | undefined {
    let inBackground = false
    let own: Promise<Captured> | undefined
    const load = async (): Promise<Captured> => {
      if (options.staleIfErrorMs > 0 && !inBackground) trace.headersBefore = c.newResponse(null).headers
      own = inBackground ? rerun(c, principal, body) : run(c, next, principal === undefined)
      const captured = await own
      if (typeof captured !== 'string') return captured
      // A refresh that brought nothing to keep is not tried again at once; a failed request may be served an older answer.
      if (inBackground || c.res.status >= 500 || c.error !== undefined) throw new HandlerFailedError(captured)
      return captured
    }
    const found = options.cache.getOrSet<Captured>(key, load, {
      ttlMs: (captured) => (typeof captured === 'string' ? 0 : rule.ttlMs),
      staleMs: options.staleMs,
      staleIfErrorMs: options.staleIfErrorMs,
      tags: (captured) => (typeof captured === 'string' ? [] : captured.tags),
      namespace: rule.prefix,
      trace,
    })
    if (!(found instanceof Promise)) {
      inBackground = true
      if (typeof found !== 'string') {
        answer(c, found, verdictOf(trace), trace.ageMs)
        return undefined
      }
    }
    return settle(c, next, Promise.resolve(found), trace, () => own)
  }

  /** The answer of this request's own run, of another's, or an old one. */
  async function settle(
    c: Context,
    next: Next,
    found: Promise<Captured>,
    trace: Trace,
    ownRun: () => Promise<Captured> | undefined,
  ): Promise<void> {
    let captured: Captured
    try {
      captured = await found
    } catch {
      // The handler failed, or the run that this request waited for did: its own run, if there was one, still counts.
      captured = (await ownRun()) ?? 'status'
    }
    if (typeof captured === 'string') {
      // Nothing that may not be kept is shared: whoever waited for it in vain runs the handler itself.
      if (ownRun() === undefined) await next()
      annotate(c, { status: 'MISS', cause: captured })
      return
    }
    if (trace.cause === 'error' && trace.headersBefore !== undefined) forgetAnswer(c, trace.headersBefore)
    answer(c, captured, verdictOf(trace), trace.status === 'miss' ? 0 : trace.ageMs)
  }

  async function run(c: Context, next: Next, isPublic: boolean): Promise<Captured> {
    await next()
    return capture(c, options, isPublic)
  }

  async function rerun(c: Context, principal: string | undefined, body: Uint8Array | undefined): Promise<Captured> {
    const { refresh } = options
    if (refresh === undefined) throw new HandlerFailedError('There is no refresh')
    const { url, headers, method } = c.req.raw
    const request = new Request(url, {
      headers,
      method,
      ...(body === undefined ? {} : { body: Buffer.from(body) }),
    })
    request.headers.delete('if-none-match')
    return new Promise((resolve, reject) => {
      refreshes.set(request, { principal, done: resolve })
      Promise.resolve(refresh(request, c)).then(
        // Does nothing where the answer was captured; else, something in front of this middleware answered instead.
        () => resolve('status'),
        reject,
      )
    })
  }

  return responseCache
}

async function pass(c: Context, next: Next, cause: BypassCause): Promise<void> {
  await next()
  annotate(c, { status: 'BYPASS', cause })
}

/** A failed answer's headers, cookies and all, do not belong to the older one that goes out instead. */
function forgetAnswer(c: Context, headers: Headers): void {
  c.res = undefined
  c.res = new Response(null, { headers })
}

/** Somebody asks, and `principal` does not say who: then nobody can say who else may see the answer. */
function hasCredentials(c: Context): boolean {
  const { headers } = c.req.raw
  return headers.has('authorization') || headers.has('cookie')
}

function bypassOf(c: Context, options: ResolvedResponseCacheOptions, rule: PathRule): BypassCause | undefined {
  const { method, path, raw } = c.req
  const isRead = method === 'GET' || method === 'HEAD'
  if (!isRead && !(method === 'POST' && options.bodyQueries.some((prefix) => isBelow(path, prefix)))) return 'method'
  if (rule.ttlMs <= 0) return 'excluded'
  if (!isRead && Number(raw.headers.get('content-length') ?? 0) > options.maxQueryBytes) return 'query-size'
  if (raw.headers.has('range')) return 'range'
  const control = raw.headers.get('cache-control')
  if (control === null) return undefined
  if (/\bno-store\b/i.test(control)) return 'no-store'
  return /\bno-cache\b/i.test(control) ? 'no-cache' : undefined
}
