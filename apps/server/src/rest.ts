import { appRouter } from '@extropy/api'
import { callTRPCProcedure, getTRPCErrorFromUnknown, TRPCError } from '@trpc/server'
import type { Hono, Context as HonoContext } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { AppEnv } from './app.ts'
import { errorResponse, isJson } from './http-errors.ts'
import { inputSchema, routedProcedures } from './openapi.ts'

type Input = Record<string, unknown>

/** Gives every procedure that names REST routes its place on them: same schemas, same answers, same errors. */
export function mountRest(app: Hono<AppEnv>): void {
  for (const { path, type, meta, input } of routedProcedures()) {
    const schema = input && inputSchema(input)
    const types = typesOfKeys(schema?.properties)
    for (const route of meta.rest) {
      const [method = '', template = ''] = route.split(' ')
      const needsBody = (schema?.required ?? []).some((key) => !template.includes(`{${key}}`))
      app.on(method, template.replace(/\{(\w+)\}/g, ':$1'), async (c) => {
        try {
          const isInUrl = method === 'GET' || method === 'DELETE'
          const given = { ...(isInUrl ? fromQuery(c, types) : await fromBody(c, needsBody)), ...c.req.param() }
          const answer = await callTRPCProcedure({
            router: appRouter,
            path,
            type,
            getRawInput: async () => (input ? given : undefined),
            ctx: c.var.context,
            signal: c.req.raw.signal,
            batchIndex: 0,
          })
          return isStream(answer) ? sendEvents(c, answer, path) : c.json(answer)
        } catch (error) {
          return errorResponse(c, getTRPCErrorFromUnknown(error), path)
        }
      })
    }
  }
}

function isStream(answer: unknown): answer is AsyncIterable<{ readonly type: string }> {
  return typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer
}

/** Server-sent events, each named by its type. What fails when the status is out already is an event too: `error`. */
function sendEvents(c: HonoContext<AppEnv>, events: AsyncIterable<{ readonly type: string }>, path: string): Response {
  return streamSSE(c, async (stream) => {
    try {
      for await (const event of events) await stream.writeSSE({ event: event.type, data: JSON.stringify(event) })
    } catch (error) {
      c.var.context.onInternalError(error, path)
      await stream.writeSSE({
        event: 'error',
        data: await errorResponse(c, getTRPCErrorFromUnknown(error), path).text(),
      })
    }
  })
}

/**
 * A query string knows only text. A value becomes what its key's schema asks for where it is exactly that, and stays
 * text otherwise, so that the schema itself says what is wrong with it. Nothing is coerced inside the schemas, which
 * the RPC door shares: there "10" is not 10.
 */
function fromQuery(c: HonoContext<AppEnv>, types: ReadonlyMap<string, string>): Input {
  const entries = Object.entries(c.req.queries()).map(([key, values]) => {
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
  if (!isJson(c) && (needsBody || c.req.header('content-type') !== undefined)) {
    throw new TRPCError({ code: 'UNSUPPORTED_MEDIA_TYPE' })
  }
  const text = await c.req.text()
  if (text === '' && !needsBody) return {}
  if (!isJson(c)) throw new TRPCError({ code: 'UNSUPPORTED_MEDIA_TYPE' })
  const body = parseBody(text)
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new TRPCError({ code: 'BAD_REQUEST', message: 'body: must be a JSON object' })
  }
  return body as Input
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new TRPCError({ code: 'PARSE_ERROR', cause })
  }
}

/** Top-level key to JSON Schema type. */
function typesOfKeys(properties: Record<string, unknown> = {}): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(properties).map(([key, property]) => [key, String((property as { type?: string }).type)]),
  )
}
