import { procedures as byPath, type Procedure } from '@extropy/api'
import type { Hono } from 'hono'
import type { AppEnv } from '../http/app-env.ts'

/** Every procedure of the router, in the order of their names. */
export const procedures: readonly Procedure[] = [...byPath.values()].sort((a, b) => a.path.localeCompare(b.path))

/** Calls a procedure through the RPC door, with a key or without. */
export async function call(
  app: Hono<AppEnv>,
  { path, type, meta, routes = [] }: Pick<Procedure, 'path' | 'type'> & Partial<Pick<Procedure, 'meta' | 'routes'>>,
  input: unknown,
  key?: string,
): Promise<{ status: number; text: string }> {
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` }
  if (meta?.streams) {
    // The RPC door streams with status 200, whatever comes: the REST route shows the status.
    const route = routes.find(({ method }) => method === 'POST')
    const response = route
      ? await app.request(route.path, {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify(input) ?? '{}',
        })
      : await app.request(inPath(routes[0]?.path ?? '', input), { headers })
    return { status: response.status, text: await response.text() }
  }
  if (meta?.receives) {
    const entries = Object.entries(Object(input)).map(([name, value]) => [name, textOf(value)])
    const response = await app.request(`${routes[0]?.path}?${new URLSearchParams(entries)}`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/octet-stream' },
      body: '{"source_url":"https://example.org/imported","title":"Imported","author":"Ana"}',
    })
    return { status: response.status, text: await response.text() }
  }
  const body = JSON.stringify(input)
  const query = input === undefined ? '' : `?input=${encodeURIComponent(body)}`
  const response =
    type === 'query'
      ? await app.request(`/trpc/${path}${query}`, { headers })
      : await app.request(`/trpc/${path}`, {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body: body ?? '{}',
        })
  return { status: response.status, text: await response.text() }
}

/** `/api/users/{id}` with the input's id, and its numbers as a query; whatever else the input has, an address cannot say. */
function inPath(path: string, input: unknown): string {
  const values = Object(input) as Record<string, unknown>
  const numbers = Object.entries(values).filter(([, value]) => typeof value === 'number')
  const query = new URLSearchParams(numbers.map(([name, value]) => [name, String(value)]))
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(textOf(values[name] ?? '-')))
  return `${filled}?${query}`
}

/** What an address can say of it. An object may have a `toString` that is none. */
const textOf = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : String(value)).toWellFormed()
