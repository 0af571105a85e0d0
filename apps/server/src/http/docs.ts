import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Hono } from 'hono'
import { compress } from 'hono/compress'
import type { AppEnv } from './app-env.ts'
import { openApiDocument } from './openapi.ts'

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

const assets = { 'swagger-ui.css': 'text/css; charset=utf-8', 'swagger-ui-bundle.js': 'text/javascript; charset=utf-8' }

/** Of a page that runs its own scripts and nobody else's. Swagger UI sets styles and draws its icons as data. */
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
 * `/openapi.json`, and `/docs` to browse it, from this server alone: nothing is loaded from elsewhere. Answers the paths
 * that it took.
 */
export function mountDocs(app: Hono<AppEnv>, version: string): readonly string[] {
  const document = JSON.stringify(openApiDocument(version))
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
  const files: Record<string, { type: string; read: () => string | Promise<Buffer>; maxAgeSeconds: number }> = {
    '/openapi.json': { type: 'application/json', read: () => document, maxAgeSeconds: 0 },
    '/docs': { type: 'text/html; charset=utf-8', read: () => page, maxAgeSeconds: 0 },
    '/docs/reference.js': { type: 'text/javascript; charset=utf-8', read: () => script, maxAgeSeconds: 0 },
  }
  for (const [file, type] of Object.entries(assets)) {
    files[`/docs/${file}`] = { type, read: () => readFile(join(folder, file)), maxAgeSeconds: 86_400 }
  }
  for (const [path, { type, read, maxAgeSeconds }] of Object.entries(files)) {
    app.get(path, compress(), async (c) => {
      const headers = {
        ...c.var.head,
        'content-type': type,
        'content-security-policy': pagePolicy,
        'cache-control': maxAgeSeconds === 0 ? 'no-cache' : `public, max-age=${maxAgeSeconds}`,
        // They are in no cache of ours: what is asked for is in memory, or a file.
        'x-cache': 'BYPASS',
        'x-cache-cause': 'excluded',
      }
      return c.body((await read()) as string | Uint8Array<ArrayBuffer>, 200, headers)
    })
  }
  return Object.keys(files)
}
