import type { Context as HonoContext, MiddlewareHandler } from 'hono'
import type { WebApp } from '../web-app.ts'
import type { AppEnv } from './app-env.ts'
import { headerOf } from './header-of.ts'
import { sendFile } from './send-file.ts'

/** The app runs its own scripts and asks this server; nothing inline, nothing from elsewhere. */
const appPolicy = [
  "default-src 'none'",
  "connect-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

/** Never the app's: what is not there among them is told as the API tells it. */
const ofTheApi = /^\/(api|trpc|query|health|docs|openapi\.json|metrics|mcp|scrape|analyze|assets)(\/|$)/

/** Whether a path may be one of the app's pages, which it tells apart itself: an API's caller does not ask for HTML. */
function isPage(path: string, accept: string | undefined): boolean {
  if (path === '/') return true
  return !ofTheApi.test(path) && !/\.[^/]*$/.test(path) && accept?.includes('text/html') === true
}

/** The web app: its files, and its one page under every path that is nobody else's. It costs no request of the rate limit. */
export function serveWebApp(app: WebApp): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const { method, path } = c.req
    if (method !== 'GET' && method !== 'HEAD') return next()
    const file = path === '/index.html' ? undefined : app.files.get(path === '/favicon.ico' ? '/favicon.svg' : path)
    if (file !== undefined) {
      // A file's name there has its hash: another content has another name.
      const cacheControl = path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'public, max-age=86400'
      return sendFile(c, file.bytes, { type: file.type, policy: appPolicy, cacheControl })
    }
    return isPage(path, headerOf(c, 'accept')) ? sendPage(c, app) : next()
  }
}

function sendPage(c: HonoContext<AppEnv>, app: WebApp): Promise<Response> {
  const page = app.pages.find(({ path }) => path.test(c.req.path))
  const html = page?.html ?? app.files.get('/index.html')?.bytes
  const head = { type: 'text/html; charset=utf-8', policy: appPolicy, cacheControl: 'no-cache' }
  if (html !== undefined) return sendFile(c, html, head)
  const isBuilding = app.state === 'building'
  c.get('head')['retry-after'] = isBuilding ? '1' : '60'
  return sendFile(c, isBuilding ? building : failed, { ...head, cacheControl: 'no-store', status: 503 })
}

const building = placeholder('The page is being built: a few seconds, and it opens by itself.', 1)
const failed = placeholder('The page could not be built: the server’s log says why. The API works.', 60)

function placeholder(words: string, refreshSeconds: number): Buffer {
  return Buffer.from(`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta http-equiv="refresh" content="${refreshSeconds}" />
    <title>Extropy</title>
  </head>
  <body>
    <p>${words} <a href="/docs">The API’s page</a></p>
  </body>
</html>
`)
}
