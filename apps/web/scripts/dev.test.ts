import { join } from 'node:path'
import { createServer, type ViteDevServer } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root } from './fresh-build.ts'

let server: ViteDevServer
let url: string
beforeAll(async () => {
  server = await createServer({
    root,
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'silent',
    // Beside a `pnpm dev` of somebody who works here.
    cacheDir: join(root, 'node_modules/.vite-test'),
    server: { port: 0, host: '127.0.0.1', watch: null },
  })
  await server.listen()
  const address = server.httpServer?.address()
  url = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
}, 60_000)
afterAll(() => server?.close())

test('the app of `pnpm dev` is served from its sources, under every address of a page', async () => {
  for (const path of ['/', '/authors', '/read/some-id?mark=words']) {
    const page = await fetch(`http://${url}${path}`, { headers: { accept: 'text/html' } })
    expect([path, page.status]).toEqual([path, 200])
    expect(await page.text()).toContain('src="/src/main.tsx"')
  }
  const main = await fetch(`http://${url}/src/main.tsx`)
  expect(main.headers.get('content-type')).toContain('javascript')
  expect(await main.text()).toContain('/src/router.tsx')
})

test('a change of a component reloads the open page, and a change of a style is put into it', async () => {
  const socket = new WebSocket(`ws://${url}/?token=${server.config.webSocketToken}`, 'vite-hmr')
  const messages: { readonly type: string }[] = []
  socket.addEventListener('message', ({ data }) => messages.push(JSON.parse(String(data))))
  const types = () => messages.map(({ type }) => type)
  await expect.poll(types, { timeout: 30_000 }).toContain('connected')
  for (const [path, type] of [
    ['src/frame/frame.tsx', 'full-reload'],
    ['src/style/style.css', 'update'],
  ] as const) {
    // As a page that has it open.
    await (await fetch(`http://${url}/${path}`, { headers: { 'sec-fetch-dest': 'script', accept: '*/*' } })).text()
    await server.environments.client.warmupRequest(`/${path}`)
    server.watcher.emit('change', join(root, path))
    await expect.poll(types, { timeout: 30_000 }).toContain(type)
  }
  socket.close()
}, 90_000)
