import { AppError, accessRefusal, appRouter, isReadBy, type Procedure, procedures } from '@extropy/api'
import { withScope } from '@extropy/db'
import { callTRPCProcedure, TRPCError } from '@trpc/server'
import type { Hono, Context as HonoContext } from 'hono'
import type { FreshnessOptions } from './answer-headers.ts'
import type { AppEnv } from './app-env.ts'
import { isJson, thrownResponse } from './errors.ts'
import { headerOf, headersOf } from './header-of.ts'
import type { HotUrls } from './hot-urls.ts'
import { inputSchema } from './openapi.ts'
import { bypassOf, parseJson, queryOutcome } from './query-outcome.ts'
import { createFileReceiver } from './receive-file.ts'
import { sendAnswers } from './send-answers.ts'
import { hasHadAll, sendEvents } from './send-events.ts'
import { sendLines } from './send-lines.ts'

type Input = Record<string, unknown>

/** Gives every procedure that names REST routes its place on them: same schemas, same answers, same errors. */
export function mountRest(app: Hono<AppEnv>, options: FreshnessOptions, hotUrls: HotUrls): void {
  const receiveFile = createFileReceiver()
  for (const procedure of procedures.values()) {
    const { type, meta, input, routes } = procedure
    const schema = input && inputSchema(input)
    const types = typesOfKeys(schema?.properties)
    for (const { method, path, keys } of routes) {
      const needsBody = (schema?.required ?? []).some((key) => !keys.includes(key))
      const isInUrl = method === 'GET' || method === 'DELETE'
      app.on(method, path.replace(/\{(\w+)\}/g, ':$1'), async (c) => {
        c.set('procedure', procedure.path)
        try {
          const isStrict = c.get('context').cacheRules.settings.queryParams === 'on'
          if (meta.receives !== undefined)
            return await answerUpload(c, procedure, fromQuery(c, types, true), receiveFile)
          const own = isInUrl ? fromQuery(c, types, isStrict) : await fromBody(c, needsBody)
          // Not copied: of a body with very many keys, a copy takes longer than all else that is done with it.
          const given = Object.assign(own, c.req.param())
          if (meta.streams !== undefined && types.has('lastEventId')) resume(c, given)
          const rawInput = input ? given : undefined
          if (type === 'mutation' || meta.streams !== undefined) return await answerUncached(c, procedure, rawInput)
          const bypass = bypassOf(headersOf(c), isReadBy(c.req.method, procedure))
          const outcome = await queryOutcome(c, procedure, () => rawInput, bypass)
          if (method === 'GET') hotUrls.remember(c, [outcome], { door: 'rest', isBatch: false })
          return await sendAnswers(c, [outcome], { ...options, door: 'rest', isBatch: false })
        } catch (error) {
          return thrownResponse(c, error, procedure.path)
        }
      })
    }
  }
}

/** Whoever may not call it, and whoever calls it wrongly, hears so before the file is on its way. */
async function answerUpload(
  c: HonoContext<AppEnv>,
  procedure: Procedure,
  given: Input,
  receiveFile: ReturnType<typeof createFileReceiver>,
): Promise<Response> {
  const { meta, input } = procedure
  const { principal, spool } = c.get('context')
  // The rest of a body that is refused stays unread: its connection cannot be used again.
  c.get('head').connection = 'close'
  const refusal = meta.access && accessRefusal(meta.access, principal)
  if (refusal) throw refusal
  const checked = input?.safeParse(given)
  if (checked?.success === false) throw new TRPCError({ code: 'BAD_REQUEST', cause: checked.error })
  if (spool === undefined) throw new AppError('not_ready', 'This server takes no files.')
  const { file, name } = await receiveFile(c, spool)
  delete c.get('head').connection
  c.set('context', { ...c.get('context'), upload: file })
  try {
    const named = name === undefined || name.trim() === '' ? given : { name: name.slice(0, 500), ...given }
    return await answerUncached(c, procedure, named)
  } catch (error) {
    await spool.remove(file.id)
    throw error
  }
}

/** Writes, and answers that come piece by piece. */
async function answerUncached(
  c: HonoContext<AppEnv>,
  { path, type, meta }: Procedure,
  rawInput: unknown,
): Promise<Response> {
  const scope = c.get('scope')
  const context = c.get('context')
  const head = c.get('head')
  if (meta.streams !== undefined && hasHadAll(c)) return new Response(null, { status: 204, headers: head })
  // A stream has no deadline, nor has a file; it ends when the caller hangs up.
  const signal = meta.streams === undefined && meta.receives === undefined ? scope.signal : scope.gone
  const { timing } = scope
  const answer = await callTRPCProcedure({
    router: appRouter,
    path,
    type,
    getRawInput: async () => rawInput,
    ctx: { ...context, db: withScope(context.db, { signal, timing }), signal },
    signal,
    batchIndex: 0,
  })
  if (isStream(answer)) return meta.streamedAs === 'lines' ? sendLines(c, answer, path) : sendEvents(c, answer, path)
  const location = meta.acceptedAt?.(answer as never)
  const headers = {
    ...head,
    'content-type': 'application/json',
    'cache-control': 'no-store',
    ...(location === undefined ? {} : { location }),
  }
  return new Response(JSON.stringify(answer), { status: location === undefined ? 200 : 202, headers })
}

/** A browser says in a header where its stream broke off. */
function resume(c: HonoContext<AppEnv>, given: Input): void {
  const lastEventId = headerOf(c, 'last-event-id')
  if (lastEventId !== undefined) given.lastEventId ??= lastEventId
}

function isStream(answer: unknown): answer is AsyncIterable<{ readonly type: string }> {
  return typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer
}

/**
 * A query string has only text. A value that is exactly a number or boolean becomes one where its key's schema asks for it,
 * and stays text otherwise, so that the schema itself names the fault. Nothing is coerced inside the schemas, which the RPC
 * door shares: there "10" is not 10. With `isStrict`, unknown keys reach the schema, which refuses them.
 */
function fromQuery(c: HonoContext<AppEnv>, types: ReadonlyMap<string, string>, isStrict: boolean): Input {
  const given = Object.entries(c.req.queries()).filter(([key]) => isStrict || types.has(key))
  const entries = given.map(([key, values]) => {
    const type = types.get(key)
    if (type === 'array') return [key, values]
    // A repeated key reaches the schema as a list, which refuses it.
    return [key, values.length > 1 ? values : fromText(values[0] ?? '', type)]
  })
  return Object.fromEntries(entries)
}

function fromText(value: string, type: string | undefined): unknown {
  if ((type === 'integer' || type === 'number') && /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value)) return Number(value)
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true'
  return value
}

/** A request may come without a body where all that it must say is in its path. */
async function fromBody(c: HonoContext<AppEnv>, needsBody: boolean): Promise<Input> {
  if (!isJson(c) && (needsBody || headerOf(c, 'content-type') !== undefined)) {
    throw new TRPCError({ code: 'UNSUPPORTED_MEDIA_TYPE' })
  }
  const text = await c.req.text()
  if (text === '' && !needsBody) return {}
  if (!isJson(c)) throw new TRPCError({ code: 'UNSUPPORTED_MEDIA_TYPE' })
  const body = parseJson(text)
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new TRPCError({ code: 'BAD_REQUEST', message: 'body: must be a JSON object' })
  }
  return body as Input
}

/** Top-level key to JSON Schema type. */
function typesOfKeys(properties: Record<string, unknown> = {}): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(properties).map(([key, property]) => [key, String((property as { type?: string }).type)]),
  )
}
