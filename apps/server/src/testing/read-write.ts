import type { Procedure } from '@extropy/api'
import type { World } from '@extropy/api/testing'
import type { App } from '../http/app.ts'
import { inputSchema } from '../http/openapi.ts'

export interface Got {
  readonly status: number
  readonly cache: string
  readonly cause: string
  readonly body: string
}

/** A GET of the REST door, or of any path, with a key; `fresh` bypasses the cache. */
export async function get({ hono }: App, path: string, key?: string, { fresh = false } = {}): Promise<Got> {
  const response = await hono.request(path, {
    headers: {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(fresh ? { 'cache-control': 'no-cache' } : {}),
    },
  })
  return {
    status: response.status,
    cache: response.headers.get('x-cache') ?? '',
    cause: response.headers.get('x-cache-cause') ?? '',
    // A request's own id is in every error.
    body: (await response.text()).replace(/"requestId":"[^"]+"/, ''),
  }
}

export function rpcPath(procedure: string, input: unknown): string {
  return `/trpc/${procedure}${input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`}`
}

interface Property {
  readonly type?: string
  readonly format?: string
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  readonly items?: Property
}

/** The example's input, and for each key of the schema the same with other values under it: each filter, each row's side. */
export function variationsOf({ path, input }: Procedure, example: unknown, world: World): unknown[] {
  if (input === undefined) return [example]
  const { properties = {} } = inputSchema(input)
  const variations = Object.entries(properties as Record<string, Property>).flatMap(([key, property]) =>
    valuesOf(path, key, property, world).map((value) => ({ ...(example as object), [key]: value })),
  )
  return [example, ...variations]
}

function valuesOf(path: string, key: string, property: Property, world: World): readonly unknown[] {
  const { type, format, enum: options, minimum, maximum, items } = property
  if (key === 'cursor' || key === 'limit') return []
  if (options) return options.slice(0, 2)
  if (format === 'uuid') return idsOf(path, key, world)
  if (format === 'date-time') return ['2026-01-02T00:00:00Z']
  if (type === 'integer') return [minimum, maximum]
  if (type === 'string') return ['order', 'owner']
  if (type === 'array' && items) return valuesOf(path, key, items, world).map((value) => [value])
  throw new Error(`${path}: say in read-write.ts which values its key ${key} should be asked with`)
}

function idsOf(path: string, key: string, world: World): readonly string[] {
  const { owner, stranger, author, publishedCardId, strangersCardId, contentId, authorId } = world
  const users = [owner.userId, stranger.userId, author.userId]
  const cards = [publishedCardId, strangersCardId]
  const known: Readonly<Record<string, readonly string[]>> = {
    userId: users,
    actorUserId: users,
    cardId: cards,
    parentCardId: cards,
    contentId: [contentId],
    contentIds: [contentId],
    authorId: [authorId],
  }
  // A row's own id: the example has one, and of these there are others to see.
  if (key === 'id') return { 'users.byId': users, 'cards.byId': cards }[path] ?? []
  const ids = known[key]
  if (ids === undefined) throw new Error(`${path}: say in read-write.ts which ids its key ${key} should be asked with`)
  return ids
}
