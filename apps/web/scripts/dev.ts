/** `pnpm dev`: the server, restarted on every change, and the app in front of it, replaced in the open page on every change. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createServer } from 'vite'
import { root } from './fresh-build.ts'

const main = join(root, '../server/src/main.ts')
const server = spawn(process.execPath, ['--watch', main], {
  env: { ...process.env, WEB_APP: 'off' },
  stdio: 'inherit',
})
process.env.EXTROPY_URL ??= `http://127.0.0.1:${process.env.PORT ?? 8000}`
const vite = await createServer({ root, configFile: join(root, 'vite.config.ts') })
await vite.listen()
vite.printUrls()
server.once('exit', (code) => process.exit(code ?? 0))
