import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type Deps, findExampleIds } from '@extropy/api'
import type { Hono, Context as HonoContext } from 'hono'
import type { AppEnv } from './app-env.ts'
import { openApiDocument } from './openapi.ts'
import { sendFile } from './send-file.ts'

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Extropy API</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
  </head>
  <body>
    <div id="reference"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/reference.js"></script>
  </body>
</html>
`

const script = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#reference', deepLinking: true, validatorUrl: null })\n`

/** The headers of a page that runs its own scripts only. Swagger UI sets styles and draws its icons as data. */
const pagePolicy = [
  "default-src 'none'",
  "connect-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')

/**
 * `/openapi.json`, and `/docs` to browse it, from this server alone: nothing is loaded from elsewhere. Answers the paths that it
 * took.
 */
export function mountDocs(app: Hono<AppEnv>, { db, version }: Pick<Deps, 'db' | 'version'>): readonly string[] {
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
  const asset = (name: string) => () => readFileSync(join(folder, name))
  const text = (make: () => string) => () => Buffer.from(make())
  const document = JSON.stringify(openApiDocument(version))
  const handlers = {
    '/openapi.json': serve({ type: 'application/json', changes: true }, async () =>
      Buffer.from(await withIds(document, db)),
    ),
    '/docs': serve(
      { type: 'text/html; charset=utf-8' },
      text(() => page),
    ),
    '/docs/reference.js': serve(
      { type: 'text/javascript; charset=utf-8' },
      text(() => script),
    ),
    '/docs/swagger-ui.css': serve({ type: 'text/css; charset=utf-8', ...aDay }, asset('swagger-ui.css')),
    '/docs/swagger-ui-bundle.js': serve(
      { type: 'text/javascript; charset=utf-8', ...aDay },
      asset('swagger-ui-bundle.js'),
    ),
  }
  for (const [path, handler] of Object.entries(handlers)) app.get(path, handler)
  app.get('/docs/', (c) => new Response(null, { status: 308, headers: { ...c.get('head'), location: '/docs' } }))
  return [...Object.keys(handlers), '/docs/']
}

const aDay = { maxAgeSeconds: 86_400 }
const readAgainMs = 60_000

/** With rows of this database in its examples, so that each can be tried as it stands. */
async function withIds(document: string, db: Deps['db']): Promise<string> {
  // A reader who cannot be given rows gets placeholders.
  const ids = await findExampleIds(db).catch(() => new Map<string, string>())
  return [...ids].reduce((text, [placeholder, id]) => text.replaceAll(`"${placeholder}"`, JSON.stringify(id)), document)
}

/** Read once, however often it is asked for; what changes, once a minute. */
function serve(
  { type, maxAgeSeconds = 0, changes = false }: { type: string; maxAgeSeconds?: number; changes?: boolean },
  read: () => Buffer | Promise<Buffer>,
) {
  let reading: Promise<Buffer> | undefined
  let readAt = 0
  const cacheControl = maxAgeSeconds === 0 ? 'no-cache' : `public, max-age=${maxAgeSeconds}`
  return async (c: HonoContext<AppEnv>): Promise<Response> => {
    if (reading === undefined || (changes && performance.now() - readAt > readAgainMs)) {
      readAt = performance.now()
      reading = Promise.resolve(read())
    }
    return sendFile(c, await reading, { type, policy: pagePolicy, cacheControl })
  }
}
