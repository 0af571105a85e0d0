import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { BadCallError } from '../bench-case.ts'
import { forkProgram, lastWords, stop } from './children.ts'

/** A contender's own, fresh process. */
export interface Server {
  readonly name: string
  readonly url: string
  readonly pid: number
  close(): Promise<void>
}

const startLimitMs = 60_000

/** Extropy as its users run it, but for its rate limits. `env` may change any of its settings. */
export async function startExtropy(
  name: string,
  { databaseUrl, port, env = {} }: { databaseUrl: string; port?: number | undefined; env?: Record<string, string> },
): Promise<Server> {
  const folder = fileURLToPath(new URL('../../../', import.meta.url))
  const chosenPort = port ?? (await freePort())
  const { PATH = '', HOME = '' } = process.env
  const settings = {
    DATABASE_URL: databaseUrl,
    PORT: String(chosenPort),
    LOG_LEVEL: 'warn',
    LOAD_SAMPLE: 'never',
    RATE_LIMIT_ANONYMOUS_PER_HOUR: '1000000000',
  }
  const child = spawn(process.execPath, ['apps/server/src/main.ts'], {
    cwd: folder,
    env: { PATH, HOME, NODE_ENV: 'production', ...settings, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const said = lastWords(child)
  const url = `http://127.0.0.1:${chosenPort}`
  const startedAt = performance.now()
  for (;;) {
    const answer = await probe(`${url}/health`)
    if (answer === undefined) break
    if (child.exitCode !== null) throw new BadCallError(`${name} did not start: ${said()}`)
    if (performance.now() - startedAt > startLimitMs)
      throw new BadCallError(`${name} is not ready after a minute: ${said()}; /health: ${answer}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return { name, url, pid: child.pid as number, close: () => stop(child) }
}

/** A server of `servers/`, on a port that the system chose. */
export async function startPeer(name: string, file: string, env: Record<string, string>): Promise<Server> {
  const program = new URL(`./servers/${file}.server.ts`, import.meta.url)
  const { child, message } = await forkProgram<{ port: number }>(program, [], env)
  return { name, url: `http://127.0.0.1:${message.port}`, pid: child.pid as number, close: () => stop(child) }
}

/** What stands against its being ready; undefined where nothing does. */
async function probe(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5000) })
    const text = await response.text()
    return response.ok ? undefined : `${response.status} ${text.slice(0, 500)}`
  } catch (error) {
    return String((error as Error).cause ?? error)
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  probe.close()
  await once(probe, 'close')
  return port
}
