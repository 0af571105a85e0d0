import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Deps, Procedure, Route } from '@extropy/api'
import { createTestDeps, createWorld, draftCard, examples, type World } from '@extropy/api/testing'
import { garbageInput, validInput } from '@extropy/api/testing/arbitrary-input'
import { createClient } from '@extropy/client'
import {
  createTemplate,
  createTestDatabase,
  removeTemplate,
  type Template,
  type TestDatabase,
} from '@extropy/db/testing'
import { createApp, createHttpServer, inputSchema } from '@extropy/server/app'
import { procedures } from '@extropy/server/testing'
import fc from 'fast-check'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'

/*
 * One schema, three doors: for every procedure and any input, right or wrong, tRPC's own protocol, REST and the generated
 * client give the same value or the same error.
 */

/** On the embedded database fewer: there the property is looked at on every change, on a server it is searched. */
const inputsEach = process.env.TEST_DATABASE_URL === undefined ? 20 : 100

let template: Template
let database: TestDatabase
let deps: Deps
let world: World
let url: string
let ids: string[]
let close: () => Promise<unknown>

beforeAll(async () => {
  template = await createTemplate(process.env.TEST_DATABASE_URL)
  database = await createTestDatabase(template)
  deps = await createTestDeps(database)
  world = await createWorld(deps)
  const { owner, stranger, admin, publishedCardId, strangersCardId, attributionId, contentId, authorId, patternId } =
    world
  const accounts = [owner, stranger, admin].map(({ userId }) => userId)
  ids = [...accounts, publishedCardId, strangersCardId, attributionId, contentId, authorId, patternId]
  ids.push(await draftCard(owner))
  const silent = pino({ level: 'silent' })
  const server = createHttpServer(createApp(deps, silent, { anonymousPerHour: 1e9 }), silent).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  close = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
})
afterAll(async () => {
  await close()
  await database.close()
  await removeTemplate(template)
})

interface Outcome {
  readonly status: number
  readonly value?: unknown
  readonly error?: unknown
}

/** An error without the parts that belong to one request. */
function comparable({ message, code, data }: { message: string; code: number; data: Record<string, unknown> }) {
  const { requestId, ...rest } = data
  return { message, code, data: rest, hasRequestId: typeof requestId === 'string' }
}

async function byRpc({ path, type }: Procedure, input: unknown, key: string): Promise<Outcome> {
  const json = JSON.stringify(input)
  const query = type === 'query' && json !== undefined ? `?input=${encodeURIComponent(json)}` : ''
  const response = await fetch(`${url}/trpc/${path}${query}`, {
    method: type === 'query' ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(type === 'query' || json === undefined ? {} : { body: json }),
  })
  const answer = (await response.json()) as { result?: { data: unknown }; error?: never }
  if (answer.error !== undefined) return { status: response.status, error: comparable(answer.error) }
  return { status: response.status, value: answer.result?.data }
}

async function byClient({ path, type }: Procedure, input: unknown, key: string): Promise<Outcome> {
  const client = createClient({ url, apiKey: key })
  const [router = '', name = ''] = path.split('.')
  const procedure = (client as unknown as Record<string, Record<string, Record<string, (input: unknown) => unknown>>>)[
    router
  ]?.[name]
  try {
    return { status: 200, value: await procedure?.[type === 'query' ? 'query' : 'mutate']?.(input) }
  } catch (error) {
    const { shape } = error as { shape: Parameters<typeof comparable>[0] }
    return { status: shape.data.httpStatus as number, error: comparable(shape) }
  }
}

/** Undefined where the route cannot say this input: a URL has only text, and no null. */
async function byRest(procedure: Procedure, route: Route, input: unknown, key: string): Promise<Outcome | undefined> {
  const { method, path: template, keys: inPath } = route
  // A request without a body is an empty object; nothing at all can't be said.
  if (input === undefined && procedure.input?.safeParse(input).success === false) return undefined
  if (input === null) return undefined
  const given = (input ?? {}) as Record<string, unknown>
  if (typeof given !== 'object' || Array.isArray(given)) return undefined
  if (inPath.some((name) => typeof given[name] !== 'string' || !/^[^./]/.test(given[name] as string))) return undefined
  if (inPath.some((name) => !(given[name] as string).isWellFormed())) return undefined
  const path = template.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(given[name] as string))
  const rest = Object.fromEntries(Object.entries(given).filter(([name]) => !inPath.includes(name)))
  const headers: Record<string, string> = { authorization: `Bearer ${key}` }
  let query = ''
  let body: string | undefined
  if (method === 'GET' || method === 'DELETE') {
    const text = asQuery(procedure, rest)
    if (text === undefined) return undefined
    query = text
  } else {
    headers['content-type'] = 'application/json'
    body = JSON.stringify(rest)
  }
  const response = await fetch(url + path + query, { method, headers, ...(body === undefined ? {} : { body }) })
  // Longer than a server accepts as URL.
  if (response.status === 431) return undefined
  const answer = (await response.json()) as { error?: never }
  // REST says of an answer that is still to come that it is; the other doors have no word for that.
  if (response.ok) return { status: response.status === 202 ? 200 : response.status, value: answer }
  return { status: response.status, error: comparable(answer.error as never) }
}

function asQuery({ input }: Procedure, values: Record<string, unknown>): string | undefined {
  const properties = (input && inputSchema(input).properties) ?? {}
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue
    // A nameless parameter is none.
    if (name === '') return undefined
    const type = (properties[name] as { type?: string } | undefined)?.type
    const isText = typeof value === 'string' && value.isWellFormed()
    // Text is text, unless the key is one of numbers: there «10» is 10.
    const isSaid =
      type === 'array'
        ? Array.isArray(value) &&
          value.length > 0 &&
          value.every((each) => typeof each === 'string' && each.isWellFormed())
        : type === 'integer' || type === 'number'
          ? (typeof value === 'number' && Number.isFinite(value)) || (isText && !/^-?\d/.test(value))
          : type === 'boolean'
            ? typeof value === 'boolean' || (isText && value !== 'true' && value !== 'false')
            : isText
    if (!isSaid) return undefined
    for (const each of Array.isArray(value) ? value : [value]) parameters.append(name, String(each))
  }
  return parameters.size === 0 ? '' : `?${parameters}`
}

/** Of a write, which has its effect each time: the same keys with the same kinds of values. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf)
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, shapeOf(each)]))
  }
  return value === null ? 'null' : typeof value
}

/** Not those that stream, nor those that take a file, which have one door. */
const each = procedures.filter(({ meta }) => meta.streams === undefined && meta.receives === undefined)
/** Each health answer is of its own moment. */
const isMomentary = (path: string) => path.startsWith('health.')

test.each(each.map((procedure) => [procedure.path, procedure] as const))(
  '%s',
  async (path, procedure) => {
    const { input: schema, type, meta, routes } = procedure
    const key = meta.access?.scope === 'admin' ? world.admin.key : world.owner.key
    const seen = { compared: 0, byRest: 0, refused: 0 }
    /** `next` gives each door an input of its own, since a write uses its input up. */
    const compare = async (next: () => unknown) => {
      const settle = (outcome: Outcome): Outcome =>
        (type === 'mutation' || isMomentary(path)) && outcome.value !== undefined
          ? { ...outcome, value: shapeOf(outcome.value) }
          : outcome
      const rpc = settle(await byRpc(procedure, await next(), key))
      seen.compared++
      if (rpc.error !== undefined) seen.refused++
      expect(settle(await byClient(procedure, await next(), key))).toEqual(rpc)
      for (const route of routes) {
        const rest = await byRest(procedure, route, await next(), key)
        if (rest === undefined) continue
        seen.byRest++
        expect([route, settle(rest)]).toEqual([route, rpc])
      }
    }
    const example = async () => (await examples[path]?.(world))?.input
    const same = type === 'query' ? await example() : undefined
    await compare(type === 'query' ? () => same : example)
    expect(seen.refused).toBe(0)
    const inputs = schema ? fc.oneof(validInput(schema, ids), garbageInput(schema, ids)) : fc.constant(undefined)
    await fc.assert(
      fc.asyncProperty(inputs, async (made) => {
        const json = JSON.stringify(made)
        const input: unknown = json === undefined ? undefined : JSON.parse(json)
        if (type === 'query' || schema?.safeParse(input).success === false) await compare(() => input)
      }),
      { numRuns: schema ? inputsEach : 1, ...(process.env.SEED ? { seed: Number(process.env.SEED) } : {}) },
    )
    if (schema) expect(seen.refused).toBeGreaterThan(0)
    expect(seen.byRest).toBeGreaterThanOrEqual(routes.length)
  },
  120_000,
)
