import { Agent, request } from 'node:http'

export interface Endpoint {
  /** Its goals begin with it. */
  readonly name: string
  readonly method?: 'POST'
  readonly path: string
  /** Answered from the cache where the mode has one; everything else is asked for afresh. */
  readonly isCached?: boolean
  body?(n: number): string
}

export function endpoints(prompts: readonly string[]): Endpoint[] {
  const cards = '/api/cards?limit=20'
  const body = (n: number) => JSON.stringify({ prompt: prompts[n % prompts.length] ?? '' })
  return [
    { name: 'GET /health', path: '/health' },
    { name: 'GET /api/cards, first', path: cards },
    { name: 'GET /api/cards, cached', path: cards, isCached: true },
    { name: 'POST /query/rag', method: 'POST', path: '/query/rag', body },
  ]
}

/** Keeps its connection open, as browsers and clients do. */
const agent = new Agent({ keepAlive: true })

/** The status of the answer to the `n`th request, and where the server says that it comes from. */
export async function ask(
  url: string,
  { method, path, body }: Endpoint,
  n: number,
  headers: Readonly<Record<string, string>>,
): Promise<{ status: number | undefined; cache: string | undefined }> {
  const { promise, resolve, reject } = Promise.withResolvers<Awaited<ReturnType<typeof ask>>>()
  const all = { 'content-type': 'application/json', ...headers }
  const sent = request(new URL(path, url), { agent, method: method ?? 'GET', headers: all }, (response) => {
    const { statusCode: status, headers: answered } = response
    response.on('error', reject)
    response.on('end', () => resolve({ status, cache: answered['x-cache'] as string | undefined }))
    response.resume()
  })
  sent.on('error', reject)
  sent.end(body?.(n))
  return promise
}
