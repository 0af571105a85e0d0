import { isReadBy, type Procedure, procedures } from '@extropy/api'
import { TRPCError } from '@trpc/server'
import type { Hono, Context as HonoContext } from 'hono'
import type { FreshnessOptions } from './answer-headers.ts'
import type { AppEnv } from './app-env.ts'
import { isJson, procedurePaths } from './errors.ts'
import { asksForPieces, headersOf } from './header-of.ts'
import type { HotUrls } from './hot-urls.ts'
import { bypassOf, parseJson, queryOutcome } from './query-outcome.ts'
import { sendAnswers } from './send-answers.ts'

/**
 * tRPC's queries, alone or in batches, each from the cache where that may be: a batch of five of which four are there runs
 * one. Mutations, streams and requests that tRPC refuses go on to tRPC's own handler.
 */
export function mountRpcQueries(app: Hono<AppEnv>, options: FreshnessOptions, hotUrls: HotUrls): void {
  app.use('/trpc/*', async (c, next) => {
    const called = queriesOf(c)
    if (called === undefined) return next()
    const isBatch = c.req.query('batch') === '1'
    const { method } = c.req
    const text = method === 'GET' ? c.req.query('input') : await c.req.text()
    const inputs = readInputs(text, isBatch)
    const outcomes = await Promise.all(
      called.map((procedure, at) =>
        queryOutcome(c, procedure, () => inputs(at), bypassOf(headersOf(c), isReadBy(method, procedure))),
      ),
    )
    if (method === 'GET') hotUrls.remember(c, outcomes, { door: 'rpc', isBatch })
    return sendAnswers(c, outcomes, { ...options, door: 'rpc', isBatch })
  })
}

/** Calls in one batch; the client sends no more than this. */
export const maxBatchSize = 20

/** The queries that a request calls; undefined where it is anything else than queries with one answer each. */
function queriesOf(c: HonoContext<AppEnv>): readonly Procedure[] | undefined {
  const { method, path } = c.req
  if (method !== 'GET' && !(method === 'POST' && isJson(c))) return undefined
  if (asksForPieces(c)) return undefined
  const name = path.slice('/trpc/'.length)
  const names = c.req.query('batch') === '1' ? procedurePaths(name) : [name]
  if (names.length > maxBatchSize) return undefined
  const called = names.map((each) => procedures.get(each))
  const areQueries = called.every((each) => each?.type === 'query' && each.meta.streams === undefined)
  return areQueries ? (called as Procedure[]) : undefined
}

type Inputs = Readonly<Record<number, unknown>>

/** Each call's input, parsed from the text on first use, so that every call reports a fault in it. */
function readInputs(text: string | undefined, isBatch: boolean): (at: number) => unknown {
  if (text === undefined || text === '') return () => undefined
  if (!isBatch) return () => parseJson(text)
  let inputs: unknown
  return (at) => {
    inputs ??= parseJson(text)
    if (typeof inputs === 'object' && inputs !== null && !Array.isArray(inputs)) return (inputs as Inputs)[at]
    throw new TRPCError({ code: 'BAD_REQUEST', message: 'input: must be an object for a batch: {"0": …, "1": …}' })
  }
}
