import type { World } from '@extropy/api/testing'
import type { App } from '../http/app.ts'

export interface Got {
  readonly status: number
  readonly cache: string
  readonly cause: string
  readonly body: string
}

/** A GET of the REST door, or of any path, as whoever has the key; `fresh` asks past the cache. */
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

/** Questions of every kind to ask of a small world, beside those of its examples: each filter, each side of each relation. */
export function moreReads({ owner, stranger, author, publishedCardId, strangersCardId, contentId, authorId }: World) {
  return [
    ['cards.list', { userId: owner.userId }],
    ['cards.list', { userId: author.userId, limit: 1 }],
    ['cards.list', { tag: 'order' }],
    ['cards.list', { category: 'none' }],
    ['cards.list', { search: 'thought' }],
    ['cards.list', { contentId }],
    ['cards.list', { parentCardId: publishedCardId }],
    ['cards.byId', { id: publishedCardId }],
    ['cards.byId', { id: strangersCardId }],
    ['attributions.backlinks', { cardId: strangersCardId }],
    ['attributions.counts', { cardId: publishedCardId }],
    ['attributions.counts', { cardId: strangersCardId }],
    ['attributions.graph', { cardId: publishedCardId, depth: 3 }],
    ['attributions.received', { userId: stranger.userId }],
    ['attributions.received', { userId: author.userId }],
    ['users.byId', { id: stranger.userId }],
    ['users.byUsername', { username: 'stranger' }],
    ['users.list', { search: 'own' }],
    ['tokens.ledger', { userId: owner.userId, type: 'transfer' }],
    ['tokens.balance', { userId: owner.userId }],
    ['tokens.stats', { userId: owner.userId }],
    ['researchSessions.list', { userId: owner.userId, status: 'in_progress' }],
    ['contents.list', { platform: 'rss' }],
    ['authors.list', { search: 'writer' }],
    ['patterns.list', { authorId }],
    ['patterns.list', { type: 'hook', sort: 'confidence' }],
    ['query.rag', { prompt: 'order', platform: 'web' }],
    ['query.rag', { prompt: 'order', author: 'Ana' }],
  ] as const
}
