import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Hono } from 'hono'
import type { AppEnv } from './app.ts'
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
    <script>SwaggerUIBundle({ url: '/openapi.json', dom_id: '#reference', deepLinking: true, validatorUrl: null })</script>
  </body>
</html>
`

const assets = { 'swagger-ui.css': 'text/css; charset=utf-8', 'swagger-ui-bundle.js': 'text/javascript; charset=utf-8' }

/** `/openapi.json`, and `/docs` to browse it, from this server alone: nothing is loaded from elsewhere. */
export function mountDocs(app: Hono<AppEnv>, version: string): void {
  const document = openApiDocument(version)
  app.get('/openapi.json', (c) => c.json(document))
  app.get('/docs', (c) => c.html(page))

  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
  for (const [file, contentType] of Object.entries(assets)) {
    app.get(`/docs/${file}`, async (c) => {
      const headers = { 'Content-Type': contentType, 'Cache-Control': 'public, max-age=86400' }
      return c.body(await readFile(join(folder, file)), 200, headers)
    })
  }
}
