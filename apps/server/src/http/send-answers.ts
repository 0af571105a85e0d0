import type { Door } from '@extropy/api'
import type { Context as HonoContext } from 'hono'
import { ageOf, answerHead, bodyHead, combined, type FreshnessOptions, serverTiming } from './answer-headers.ts'
import type { AppEnv, Outcome } from './app-env.ts'
import { compressed, encodedForm, encodingFor } from './compress.ts'
import { matchesEtag } from './etag.ts'
import { headerOf } from './header-of.ts'

interface SendOptions extends FreshnessOptions {
  readonly door: Door
  readonly isBatch: boolean
}

/**
 * Sends answers and errors as one response, with the headers for caching: 304 where the caller has the same answer already,
 * compressed where the caller accepts that. All headers go out in one plain record, which node-server writes
 * as it is.
 */
export async function sendAnswers(
  c: HonoContext<AppEnv>,
  outcomes: readonly Outcome[],
  options: SendOptions,
): Promise<Response> {
  const { door, isBatch } = options
  const scope = c.get('scope')
  const { principal, cacheRules } = c.get('context')
  c.set('outcomes', outcomes)
  const procedures = outcomes.map(({ procedure }) => procedure)
  const served = outcomes.flatMap((outcome) => outcome.served ?? [])
  const payloads = served.map(({ payload }) => payload)
  const isWhole = served.length === outcomes.length
  const verdict = combined(served.map((each) => each.verdict))
  const said = isWhole || verdict === undefined ? verdict : ({ status: 'MISS', cause: 'error' } as const)
  const isKept = isWhole && procedures.every((procedure) => cacheRules.ttlMsOf(procedure) > 0)
  const answer = { procedures, payloads, verdict: said, door, isBatch, principal, isKept }
  const { etag, always } = answerHead(answer, options)
  const headers: Record<string, string> = {
    ...c.get('head'),
    ...always,
    'server-timing': serverTiming({ ...scope.timing, totalMs: performance.now() - scope.startedAt }),
  }
  if (etag !== undefined) {
    // Also where the cache was bypassed: the caller keeps the fresh answer, and must be able to revalidate it.
    headers.age = ageOf(verdict?.ageMs ?? 0)
    const asked = headerOf(c, 'if-none-match')
    if (asked !== undefined && matchesEtag(asked, etag)) return new Response(null, { status: 304, headers })
  }
  const parts = outcomes.map(({ served: each, errorBody = '' }) => each?.payload[door] ?? Buffer.from(errorBody))
  const plain = isBatch ? Buffer.concat(partsOfBatch(parts)) : (parts[0] as Buffer)
  const encoding = encodingFor(headerOf(c, 'accept-encoding'))
  const [only] = payloads
  const form =
    encoding === undefined
      ? undefined
      : isKept && !isBatch && only !== undefined
        ? await encodedForm(only, door, encoding)
        : await compressed(plain, encoding)
  const body = form ?? plain
  Object.assign(headers, bodyHead(body.length, form && encoding))
  return new Response(body as Uint8Array<ArrayBuffer>, { status: statusOf(outcomes), headers })
}

/** The status of a batch: 207 where its calls ended differently. */
function statusOf(outcomes: readonly Outcome[]): number {
  const [first, ...others] = outcomes.map(({ status }) => status)
  return others.every((status) => status === first) ? (first as number) : 207
}

const [open, comma, close] = [Buffer.from('['), Buffer.from(','), Buffer.from(']')]

/** A JSON list of them. */
export function partsOfBatch(answers: readonly Buffer[]): readonly Buffer[] {
  return [open, ...answers.flatMap((answer, at) => (at === 0 ? [answer] : [comma, answer])), close]
}
