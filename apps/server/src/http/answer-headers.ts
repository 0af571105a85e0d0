import type { Payload, Principal, RequestTiming, Verdict } from '@extropy/api'

/** Header names and values. */
export type HeaderRecord = Record<string, string>

export interface FreshnessOptions {
  /**
   * How long browsers and CDNs may use a public answer without asking, in seconds. 0: they ask every time, and get 304
   * where nothing has changed; nothing that they keep can be taken back by a write.
   */
  readonly httpMaxAgeSeconds: number
}

/** Everywhere. An API's answers are no pages: nothing in them is to be run, framed or guessed at. */
export const securityHeaders: Readonly<HeaderRecord> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
}

/** Who may keep an answer, from the widest to the strictest. */
export type Audience = 'everyone' | 'viewer' | 'owner'

export function cacheControl(audience: Audience, isKept: boolean, { httpMaxAgeSeconds }: FreshnessOptions): string {
  if (!isKept) return 'no-store'
  if (audience === 'owner') return 'private, no-cache'
  if (httpMaxAgeSeconds === 0) return 'public, no-cache'
  return `public, max-age=${httpMaxAgeSeconds}, stale-while-revalidate=${httpMaxAgeSeconds}`
}

export function varyOf(audience: Audience): string {
  return audience === 'everyone' ? 'accept-encoding' : 'accept-encoding, authorization'
}

/** Of a batch: the strictest of them all. */
export function strictest(audiences: readonly Audience[]): Audience {
  if (audiences.includes('owner')) return 'owner'
  return audiences.includes('viewer') ? 'viewer' : 'everyone'
}

/** Of a batch: as good as the worst, with each one's cause. */
export function combined(verdicts: readonly Verdict[]): Verdict {
  const [only] = verdicts
  if (verdicts.length === 1 && only !== undefined) return only
  const status = (['BYPASS', 'MISS', 'STALE'] as const).find((each) => verdicts.some((v) => v.status === each)) ?? 'HIT'
  return {
    status,
    cause: verdicts.map(({ cause }) => cause).join(', '),
    ageMs: verdicts.reduce((most, { ageMs }) => Math.max(most, ageMs), 0),
  }
}

/** Weak: the same content, whatever its encoding. */
export function etagOf(answers: readonly Payload[], door: string): string {
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

/** A principal's answers are `owner`s, a public procedure's `viewer`s once somebody is known. */
export function audienceFor(reach: string | undefined, principal: Principal | undefined): Audience {
  if (reach === 'everyone') return 'everyone'
  return principal === undefined ? 'viewer' : 'owner'
}
