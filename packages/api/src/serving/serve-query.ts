import { hash } from 'node:crypto'
import type { ReadTrace } from '@extropy/cache'
import { createRecorder, type DatabaseTiming, withScope } from '@extropy/db'
import { TRPCError } from '@trpc/server'
import type { Principal } from '../auth/principal.ts'
import type { Context } from '../context.ts'
import { isOurFault } from '../errors.ts'
import { untilAborted } from '../until-aborted.ts'
import { Payload, payloadOf } from './payload.ts'
import type { Procedure } from './procedures.ts'
import { admit, runQuery } from './run-query.ts'

/**
 * An answer past its TTL may still be served for so long, while one refresh runs: any write since would have made it
 * unreachable, so it is merely due for a check. Milliseconds.
 */
const staleMs = 30_000

export type CacheStatus = 'HIT' | 'MISS' | 'STALE' | 'BYPASS'

/** The origin of an answer, as in `X-Cache`, and its cause. */
export interface Verdict {
  readonly status: CacheStatus
  readonly cause: string
  readonly ageMs: number
}

export interface Served {
  readonly payload: Payload
  readonly verdict: Verdict
  /** The key under which it is kept, without the caller's part (`audienceOf`); undefined where it is not kept. */
  readonly question: string | undefined
}

/** Where a call's time went, in milliseconds. */
export interface RequestTiming extends DatabaseTiming {
  serializeMs: number
  /** Looking for answers and keeping them, without the runs that made them. */
  cacheMs: number
}

export interface QueryCall {
  readonly procedure: Procedure
  /** The input as it came, not yet checked. */
  readonly input: unknown
  /** The reason to bypass the cache; undefined where it may be used. */
  readonly bypass: string | undefined
  /** Aborts when the caller has gone, or has waited long enough. */
  readonly signal: AbortSignal
  readonly timing: RequestTiming
}

/**
 * A query's answer, from the cache where that may be, else from the procedure; callers who ask the same at once wait for
 * one run. Its dependencies are recorded from its queries: no procedure declares them.
 *
 * @throws TRPCError of the procedure; errors are never kept.
 */
export async function serveQuery(ctx: Context, call: QueryCall): Promise<Served> {
  const { procedure, signal, timing } = call
  const input = admit(procedure, ctx, call.input)
  const ttlMs = ctx.cacheRules.ttlMsOf(procedure)
  const cutOff = ctx.replicaReads?.isCutOff() ? 'untrusted' : undefined
  const bypass = call.bypass ?? (ttlMs === 0 ? 'excluded' : cutOff)
  if (bypass !== undefined) {
    const payload = new Payload(
      (await untilAborted(runCovered(ctx, procedure, input, { signal, timing }), signal)).bytes,
    )
    return { payload, verdict: { status: 'BYPASS', cause: bypass, ageMs: 0 }, question: undefined }
  }
  const question = questionOf(procedure, input)
  let ran: Ran | undefined
  const askedAt = performance.now()
  let runMs = 0
  const trace: ReadTrace = {}
  const bytes = await ctx.cache.getOrSet<Buffer>(
    keyOf(procedure, question, ctx.principal),
    async (load) => {
      const startedAt = performance.now()
      ran = await runCovered(ctx, procedure, input, { signal: load.signal, timing })
      runMs = performance.now() - startedAt
      return ran.bytes
    },
    {
      // Not kept: an answer with a dependency that no tag covers.
      ttlMs: () => (ran?.unknown === undefined ? ttlMs : 0),
      staleMs,
      tags: () => [...(ran?.reads ?? [])],
      namespace: namespaceOf(procedure),
      signal,
      trace,
    },
  )
  // The wait for another caller's run is a wait for the cache.
  timing.cacheMs += performance.now() - askedAt - runMs
  return { payload: payloadOf(bytes), verdict: verdictOf(trace, ran?.unknown), question }
}

/** The answer that is in memory and fresh, at once; undefined where there is none. */
export function peekPayload({ cache }: Pick<Context, 'cache'>, key: string, trace: ReadTrace): Payload | undefined {
  const bytes = cache.peek<Buffer>(key, trace)
  return bytes === undefined ? undefined : payloadOf(bytes)
}

/** Whether all who may call it get one and the same answer. */
export function isForEveryone({ meta }: Procedure): boolean {
  return meta.access?.reach === 'everyone'
}

/**
 * The part of the key that stands for the caller, as far as an answer can depend on them: the user and the scopes of their
 * key. Empty for anonymous callers, who are all alike.
 */
function audienceOf(principal: Principal | undefined): string {
  if (principal === undefined) return ''
  let audience = audiences.get(principal)
  if (audience === undefined) {
    audience = ` ${principal.userId} ${principal.scopes.join()}`
    audiences.set(principal, audience)
  }
  return audience
}

const audiences = new WeakMap<Principal, string>()

/** The cache key of a question from this caller. */
export function keyOf(procedure: Procedure, question: string, principal: Principal | undefined): string {
  return isForEveryone(procedure) ? question : question + audienceOf(principal)
}

/** The procedure and its checked input. */
function questionOf({ path }: Procedure, input: unknown): string {
  const question = `${path} ${input === undefined ? '' : canonical(input)}`
  return question.length <= 256 ? question : `${path} #${hash('sha256', question, 'base64url')}`
}

/** The same for the same input, whatever the order of its keys, and with defaults filled in. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  )
}

type RunScope = Pick<Parameters<typeof withScope>[1], 'signal' | 'recorder' | 'source'>

interface Ran {
  readonly bytes: Buffer
  readonly reads: ReadonlySet<string>
  /** The reason why it must not be kept. */
  readonly unknown: string | undefined
}

interface RunOptions {
  readonly signal: AbortSignal
  readonly timing: RequestTiming
}

/** Before anybody is told of what it has shown, the stamp covers that. @throws TRPCError */
async function runCovered(ctx: Context, procedure: Procedure, input: unknown, options: RunOptions): Promise<Ran> {
  try {
    return await runAnywhere(ctx, procedure, input, options)
  } finally {
    await ctx.replicaReads?.noteRead()
  }
}

/**
 * On a replica, where the answer is then the same as the primary's; otherwise on the primary, after all.
 *
 * @throws TRPCError
 */
async function runAnywhere(
  ctx: Context,
  procedure: Procedure,
  input: unknown,
  { signal, timing }: RunOptions,
): Promise<Ran> {
  const replica = procedure.meta.fromPrimary ? undefined : await ctx.replicaReads?.begin(ctx.stamp)
  if (replica !== undefined) {
    const recorder = createRecorder()
    // What goes wrong here may go well on the primary.
    const quiet = { ...ctx, onInternalError: () => {} }
    try {
      const bytes = await replica.run((on) => runToBytes(quiet, procedure, input, { ...on, timing, recorder }), signal)
      const unknown = replica.isUncertain ? 'untrusted' : undefined
      if (await replica.isCurrent(recorder)) return { bytes, reads: recorder.reads, unknown }
    } catch (error) {
      const isTheirs = signal.aborted || (error instanceof TRPCError && !isOurFault(error))
      if (!isTheirs) replica.fail()
      // What was not found there may be on its way.
      else if (signal.aborted || (await replica.isCurrent(recorder))) throw error
    } finally {
      replica.end()
    }
  }
  const recorder = createRecorder()
  const bytes = await runToBytes(ctx, procedure, input, { signal, timing, recorder })
  return { bytes, reads: recorder.reads, unknown: recorder.unknown }
}

async function runToBytes(
  ctx: Context,
  procedure: Procedure,
  input: unknown,
  { timing, ...scope }: RunScope & { readonly timing: RequestTiming },
): Promise<Buffer> {
  const db = withScope(ctx.db, { ...scope, timing })
  const data = await runQuery(procedure, { ...ctx, db, signal: scope.signal }, input)
  const startedAt = performance.now()
  const bytes = Buffer.from(`{"result":{"data":${JSON.stringify(data) ?? 'null'}}}`)
  timing.serializeMs += performance.now() - startedAt
  return bytes
}

const namespaces = new Map<string, string>()

/** Counted by feature: `cards`. */
function namespaceOf({ path }: Procedure): string {
  let namespace = namespaces.get(path)
  if (namespace === undefined) {
    namespace = path.slice(0, path.indexOf('.'))
    namespaces.set(path, namespace)
  }
  return namespace
}

const statusOf = { hit: 'HIT', stale: 'STALE', miss: 'MISS' } as const

function verdictOf({ status = 'miss', cause = 'absent', ageMs = 0 }: ReadTrace, unknown: string | undefined): Verdict {
  if (unknown !== undefined) return { status: 'MISS', cause: 'untracked', ageMs: 0 }
  return { status: statusOf[status], cause, ageMs: status === 'miss' ? 0 : ageMs }
}
