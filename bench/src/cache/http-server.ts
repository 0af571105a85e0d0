import { createServer } from 'node:http'
import { createCache } from '@extropy/cache'
import { responseCache } from '@extropy/cache/hono'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'

/**
 * Started by `http.ts` with a kind of server: `bare` writes constant bytes by node:http; `hono` by Hono; `middleware` likewise
 * behind a middleware that does nothing;
 * `cached` has a handler that serialises an object, and the response cache before it. Answers `usage` with its CPU time.
 */
const kind = process.argv[2]
const cards = Array.from({ length: 20 }, (_, id) => ({
  id,
  title: `card ${id}`,
  body: 'x'.repeat(410),
  tags: ['a'],
  at: '2026-01-01',
}))
const body = Buffer.from(JSON.stringify({ items: cards, nextCursor: null }))
const type = { 'content-type': 'application/json' }

function start(onListening: (port: number) => void): void {
  if (kind === 'bare') {
    const server = createServer((_request, response) => {
      response.writeHead(200, { ...type, 'content-length': body.byteLength })
      response.end(body)
    })
    server.listen(0, '127.0.0.1', () => onListening((server.address() as { port: number }).port))
    return
  }
  const app = new Hono()
  if (kind === 'cached') {
    app.use(
      responseCache({
        cache: createCache(),
        principal: () => undefined,
        tags: () => ['cards'],
        paths: {
          '/query/rag': 60_000,
          '/scrape': 300_000,
          '/api/cards': 120_000,
          '/api/users': 180_000,
          '/api/tokens': 60_000,
        },
        exclude: ['/health', '/docs', '/openapi.json', '/metrics'],
        bodyQueries: ['/query/rag'],
      }),
    )
    app.get('/api/cards', (c) => c.json({ items: cards, nextCursor: null }))
  } else {
    if (kind === 'middleware') app.use((_c, next) => next())
    app.get('/api/cards', () => new Response(body, { headers: type }))
  }
  serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => onListening(port))
}

process.on('message', () => process.send?.({ usage: process.cpuUsage() }))
process.on('disconnect', () => process.exit())
start((port) => process.send?.({ port, bytes: body.byteLength }))
