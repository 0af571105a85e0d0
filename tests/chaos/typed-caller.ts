import { AsyncLocalStorage } from 'node:async_hooks'
import { procedures } from '@extropy/api'
import { createClient, isExtropyError, withIdempotencyKey } from '@extropy/client'
import type { Reply, Request } from '../replay/client.ts'
import { type Attempt, placeOf } from './caller.ts'

/** Of the call that is under way: the client keeps its stamp to itself. */
const underWay = new AsyncLocalStorage<(stamp: string | null) => void>()
const fetchOfNode = globalThis.fetch
globalThis.fetch = async (input, init) => {
  const response = await fetchOfNode(input, init)
  underWay.getStore()?.(response.headers.get('extropy-stamp'))
  return response
}

/** The same requests by `@extropy/client`, which keeps and sends stamps by itself. */
export function createTypedAttempt(url: string): Attempt {
  let key: string | undefined
  let seen = 0
  const client = createClient({ url, apiKey: () => key })
  const hear = (stamp: string | null) => {
    if (stamp !== null) seen = Math.max(seen, placeOf(stamp))
  }
  return {
    seen: () => seen,
    async send(request, asKey, signal) {
      key = asKey
      const { name, isQuery, input } = procedureOf(request)
      const [router = '', procedure = ''] = name.split('.')
      // The names come from the routes' table, not from this text.
      const found = (client as unknown as Record<string, Record<string, Callable>>)[router]?.[procedure] as Callable
      const options = { signal, ...withIdempotencyKey(request.headers?.['idempotency-key'] ?? '') }
      return underWay.run(hear, async (): Promise<Reply> => {
        try {
          const json = isQuery ? await found.query(input, { signal }) : await found.mutate(input, options)
          return { status: 200, cache: undefined, json }
        } catch (error) {
          if (!isExtropyError(error) || error.data == null) throw error
          return { status: error.data.httpStatus, cache: undefined, json: { error: error.message } }
        }
      })
    },
    close() {},
  }
}

interface Callable {
  query(input: unknown, options: object): Promise<unknown>
  mutate(input: unknown, options: object): Promise<unknown>
}

const routes = [...procedures].flatMap(([name, { type, routes }]) =>
  routes.map(({ method, path }) => ({
    name,
    isQuery: type === 'query',
    method,
    pattern: new RegExp(`^${path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
    literal: !path.includes('{'),
  })),
)

function procedureOf({ method = 'GET', path, body }: Request) {
  const { pathname, searchParams } = new URL(path, 'http://any')
  const fitting = routes.filter((route) => route.method === method && route.pattern.test(pathname))
  const route = fitting.find(({ literal }) => literal) ?? fitting[0]
  if (route === undefined) throw new Error(`${method} ${path} is no route`)
  const query = Object.fromEntries(
    [...searchParams].map(([name, value]) => [name, name === 'limit' ? Number(value) : value]),
  )
  const given = { ...route.pattern.exec(pathname)?.groups, ...query, ...(body === undefined ? {} : JSON.parse(body)) }
  return { name: route.name, isQuery: route.isQuery, input: Object.keys(given).length === 0 ? undefined : given }
}
