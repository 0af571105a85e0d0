import { hash, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import etag from '@fastify/etag'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import Fastify, { type FastifyRequest } from 'fastify'
import { LRUCache } from 'lru-cache'
import { pino } from 'pino'
import { Histogram } from 'prom-client'
import { openPool } from './card-list.ts'
import { addRoutes, querystring } from './fastify-routes.ts'
import { listening } from './listening.ts'

/**
 * Fastify with the same work for each request as Extropy: a key looked up by its hash, a rate limit, a request id, security
 * headers, an ETag and 304, a log line, a histogram, input and output schemas. Each by the plugin that Fastify's
 * documentation names, set up as that plugin's documentation begins. With ANSWER_FILE it gives the bytes in it, from an
 * lru-cache, to whatever is asked; otherwise the routes over `pg`.
 */
interface Principal {
  readonly keyId: string
  readonly rateLimitPerHour: number
}

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal | null
  }
}

const pool = openPool()
const app = Fastify({
  // Buffered, as Extropy's log is; standard output is /dev/null here.
  logger: { level: 'info', stream: pino.destination({ sync: false, minLength: 4096 }) },
  // Of its own lines, which are two for each request, none: `onResponse` below writes one.
  disableRequestLogging: true,
  requestIdHeader: 'x-request-id',
  genReqId: () => randomUUID(),
})

const keys = new LRUCache<string, Principal>({ max: 10_000, ttl: 10_000 })

async function principalOf({ headers }: FastifyRequest): Promise<Principal | undefined> {
  const [scheme, key] = headers.authorization?.split(' ') ?? []
  if (scheme !== 'Bearer' || key === undefined) return undefined
  const digest = hash('sha256', key, 'base64')
  const known = keys.get(digest)
  if (known !== undefined) return known
  const { rows } = await pool.query<Principal>({
    name: 'key',
    text: `select id as "keyId", rate_limit_per_hour as "rateLimitPerHour" from api_keys
           where key_hash = $1 and is_active and not is_revoked and (expires_at is null or expires_at > now())`,
    values: [Buffer.from(digest, 'base64')],
  })
  if (rows[0] !== undefined) keys.set(digest, rows[0])
  return rows[0]
}

app.decorateRequest('principal', null)
app.addHook('onRequest', async (request, reply) => {
  reply.header('x-request-id', request.id)
  request.principal = (await principalOf(request)) ?? null
  if (request.principal === null) return reply.code(401).send({ error: 'a key is required' })
})

await app.register(helmet)
await app.register(etag)
await app.register(rateLimit, {
  max: ({ principal }) => principal?.rateLimitPerHour ?? 0,
  timeWindow: '1 hour',
  keyGenerator: ({ principal, ip }) => principal?.keyId ?? ip,
})

const durations = new Histogram({
  name: 'http_request_duration_seconds',
  help: 'How long requests took',
  labelNames: ['method', 'route', 'status'],
})
app.addHook('onResponse', async (request, reply) => {
  const { method, url, routeOptions } = request
  const [durationMs, status] = [reply.elapsedTime, reply.statusCode]
  durations.observe({ method, route: routeOptions.url ?? '', status }, durationMs / 1000)
  request.log.info({ method, path: url, status, durationMs }, 'request')
})

const { ANSWER_FILE } = process.env
if (ANSWER_FILE === undefined) addRoutes(app, pool)
else {
  const answers = new LRUCache<string, { bytes: Buffer; etag: string }>({ max: 1000, ttl: 300_000 })
  app.get('*', { schema: { querystring } }, async ({ url }, reply) => {
    let found = answers.get(url)
    if (found === undefined) {
      const bytes = await readFile(ANSWER_FILE)
      // Made once for an answer: hashed for each request, the same body would cost more than all the rest.
      found = { bytes, etag: `"${hash('sha1', bytes, 'base64')}"` }
      answers.set(url, found)
    }
    return reply.header('etag', found.etag).type('application/json').send(found.bytes)
  })
}

await app.listen({ port: 0, host: '127.0.0.1' })
listening((app.server.address() as { port: number }).port)
