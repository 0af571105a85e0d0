import type { Door, Payload, Principal, Procedure, RequestTiming, Verdict } from '@extropy/api'
import type { Encoding } from './compress.ts'

/** Header names and values. */
export type HeaderRecord = Record<string, string>

/** Sent on every answer. The other security headers mean nothing for JSON: docs.ts adds them to its pages. */
export const securityHeaders: Readonly<HeaderRecord> = { 'x-content-type-options': 'nosniff' }

export interface FreshnessOptions {
  /**
   * How long browsers and CDNs may use a public answer without asking, in seconds. 0: they ask every time, and get 304
   * where nothing has changed; nothing that they keep can be taken back by a write.
   */
  readonly httpMaxAgeSeconds: number
  /** Whether headers depend on the page's origin, which a CDN must know. */
  readonly variesByOrigin: boolean
}

/** An answer to one call or to a batch of them. */
export interface Answer {
  readonly procedures: readonly Procedure[]
  /** The answers of the calls that succeeded. */
  readonly payloads: readonly Payload[]
  /** The verdict on those; undefined where all failed. */
  readonly verdict: Omit<Verdict, 'ageMs'> | undefined
  readonly door: Door
  readonly isBatch: boolean
  readonly principal: Principal | undefined
  /** Whether all calls succeeded, and with answers that may be kept. */
  readonly isKept: boolean
}

export interface AnswerHead {
  /** Undefined where nobody may keep the answer. */
  readonly etag: string | undefined
  /** Headers that a 304 has too. */
  readonly always: Readonly<HeaderRecord>
}

/** The headers that depend on the answer's content alone; the request's own (its id, its charge, the age) are added later. */
export function answerHead(answer: Answer, { httpMaxAgeSeconds, variesByOrigin }: FreshnessOptions): AnswerHead {
  const { procedures, payloads, verdict, door, isBatch, principal, isKept } = answer
  const audience = strictest(procedures.map(({ meta }) => audienceFor(meta.access?.reach, principal)))
  const vary = ['accept-encoding', ...(audience === 'everyone' ? [] : ['authorization'])]
  const etag = isKept ? etagOf(payloads, isBatch ? 'batch' : door) : undefined
  const always = {
    vary: [...vary, ...(variesByOrigin ? ['origin'] : [])].join(', '),
    'cache-control': cacheControl(audience, isKept, httpMaxAgeSeconds),
    ...(verdict && { 'x-cache': verdict.status, 'x-cache-cause': verdict.cause }),
    ...(etag && { etag }),
  }
  return { etag, always }
}

/** The headers of a body, which a 304 has not. */
export function bodyHead(bytes: number, encoding: Encoding | undefined): HeaderRecord {
  return {
    'content-type': 'application/json',
    'content-length': String(bytes),
    ...(encoding && { 'content-encoding': encoding }),
  }
}

export function ageOf(ageMs: number): string {
  return String(Math.floor(ageMs / 1000))
}

/** The callers that an answer may be kept for, from the widest audience to the strictest. */
type Audience = 'everyone' | 'viewer' | 'owner'

function cacheControl(audience: Audience, isKept: boolean, maxAgeSeconds: number): string {
  if (!isKept) return 'no-store'
  if (audience === 'owner') return 'private, no-cache'
  if (maxAgeSeconds === 0) return 'public, no-cache'
  return `public, max-age=${maxAgeSeconds}, stale-while-revalidate=${maxAgeSeconds}`
}

/** A batch has the strictest audience of its calls. */
function strictest(audiences: readonly Audience[]): Audience {
  if (audiences.includes('owner')) return 'owner'
  return audiences.includes('viewer') ? 'viewer' : 'everyone'
}

/** A principal's answers are `owner`s, a public procedure's `viewer`s once somebody is known. */
function audienceFor(reach: string | undefined, principal: Principal | undefined): Audience {
  if (reach === 'everyone') return 'everyone'
  return principal === undefined ? 'viewer' : 'owner'
}

/** A batch has the worst status of its calls, with each one's cause. */
export function combined(verdicts: readonly Verdict[]): Verdict | undefined {
  if (verdicts.length < 2) return verdicts[0]
  const status = (['BYPASS', 'MISS', 'STALE'] as const).find((each) => verdicts.some((v) => v.status === each)) ?? 'HIT'
  return {
    status,
    cause: verdicts.map(({ cause }) => cause).join(', '),
    ageMs: verdicts.reduce((most, { ageMs }) => Math.max(most, ageMs), 0),
  }
}

/** Weak: the same content, whatever its encoding. */
function etagOf(answers: readonly Payload[], door: string): string {
  return `W/"${answers.map(({ digest }) => digest).join('.')}.${door}"`
}

/** Where the time went, in milliseconds, for the browser's and the monitor's timeline. */
export function serverTiming(timing: RequestTiming & { readonly authMs: number; readonly totalMs: number }): string {
  const { authMs, cacheMs, poolMs, queryMs, queries, serializeMs, totalMs } = timing
  const restMs = Math.max(0, totalMs - authMs - cacheMs - poolMs - queryMs - serializeMs)
  const parts: [string, number][] = [
    ['auth', authMs],
    ['cache', cacheMs],
    ['pool', poolMs],
    ['db', queryMs],
    ['serialize', serializeMs],
    ['app', restMs],
    ['total', totalMs],
  ]
  const list = parts.map(([name, ms]) => `${name};dur=${Math.round(ms * 100) / 100}`).join(', ')
  return queries === 0 ? list : `${list}, queries;desc="${queries}"`
}
