import type { Door } from '@extropy/api'
import type { Context as HonoContext } from 'hono'
import {
  audienceFor,
  cacheControl,
  combined,
  etagOf,
  type FreshnessOptions,
  serverTiming,
  strictest,
  varyOf,
} from './answer-headers.ts'
import type { AppEnv, Outcome } from './app-env.ts'
import { compressed, encodedForm, encodingFor } from './compress.ts'
import { matchesEtag } from './etag.ts'
import { headerOf } from './header-of.ts'

interface SendOptions extends FreshnessOptions {
  readonly door: Door
  readonly isBatch: boolean
}

/**
 * Sends answers and errors as one response: what the cache says of them, who may keep them, 304 where the caller has
 * them already, compressed where the caller takes that. All headers go out in one plain record, which node-server writes
 * as it is.
 */
export async function sendAnswers(
  c: HonoContext<AppEnv>,
  outcomes: readonly Outcome[],
  options: SendOptions,
): Promise<Response> {
  const { door, isBatch } = options
  const scope = c.get('scope')
  const context = c.get('context')
  const head = c.get('head')
  c.set('outcomes', outcomes)
  const statuses = new Set(outcomes.map(({ status }) => status))
  const status = statuses.size === 1 ? (outcomes[0] as Outcome).status : 207
  const served = outcomes.flatMap((outcome) => outcome.served ?? [])
  const isWhole = served.length === outcomes.length
  const verdict = combined(served.map((each) => each.verdict))
  const audience = strictest(
    outcomes.map(({ procedure }) => audienceFor(procedure.meta.access?.reach, context.principal)),
  )
  const isKept = isWhole && outcomes.every(({ procedure }) => procedure.ttlMs > 0)
  const headers: Record<string, string> = { ...head, vary: varyOf(audience) }
  if (served.length > 0) {
    headers['x-cache'] = isWhole ? verdict.status : 'MISS'
    headers['x-cache-cause'] = isWhole ? verdict.cause : 'error'
  }
  headers['cache-control'] = cacheControl(audience, isKept, options)
  headers['content-type'] = 'application/json'
  headers['server-timing'] = serverTiming({ ...scope.timing, totalMs: performance.now() - scope.startedAt })
  const asked = headerOf(c, 'if-none-match')
  // Past the cache, too: whoever asks for a fresh answer keeps it, and must be able to ask again whether it still is.
  if (isKept) {
    const payloads = served.map(({ payload }) => payload)
    headers.age = String(Math.floor(verdict.ageMs / 1000))
    headers.etag = etagOf(payloads, isBatch ? 'batch' : door)
    if (asked !== undefined && matchesEtag(asked, headers.etag)) {
      delete headers['content-type']
      return new Response(null, { status: 304, headers })
    }
  }
  const parts = outcomes.map(({ served: each, errorBody = '' }) => each?.payload[door] ?? Buffer.from(errorBody))
  const plain = isBatch ? Buffer.concat(partsOfBatch(parts)) : (parts[0] as Buffer)
  const encoding = encodingFor(headerOf(c, 'accept-encoding'))
  const [only] = served
  const form =
    encoding === undefined
      ? undefined
      : isKept && !isBatch && only !== undefined
        ? await encodedForm(only.payload, door, encoding)
        : await compressed(plain, encoding)
  if (form !== undefined) headers['content-encoding'] = encoding as string
  const body = form ?? plain
  headers['content-length'] = String(body.length)
  return new Response(body as Uint8Array<ArrayBuffer>, { status, headers })
}

const [open, comma, close] = [Buffer.from('['), Buffer.from(','), Buffer.from(']')]

/** A JSON list of them. */
export function partsOfBatch(answers: readonly Buffer[]): readonly Buffer[] {
  return [open, ...answers.flatMap((answer, at) => (at === 0 ? [answer] : [comma, answer])), close]
}
