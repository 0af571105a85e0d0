import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '@extropy/db/testing'
import { BadCallError } from '../bench-case.ts'
import { forkProgram, lastWords, stop } from '../children.ts'

/** A contender's own, fresh process. */
export interface Server {
  readonly name: string
  readonly url: string
  readonly pid: number
  close(): Promise<void>
}

const startLimitMs = 60_000

/** Generated posts are not embedded, and so not analysed: for minutes after a start that work would run beside what is measured. */
const withoutModel = {
  EMBEDDING_PROVIDER: 'openai-compatible',
  EMBEDDING_BASE_URL: 'http://127.0.0.1:9/v1',
  EMBEDDING_MODEL: 'none',
  EMBEDDING_DIMENSION: '8',
}

/**
 * Extropy as its users run it, except for its rate limits, and without a model where `env` names none; its output goes to /dev/null. `env` may
 * change any of its settings.
 */
export async function startExtropy(
  name: string,
  databaseUrl: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Server> {
  const folder = fileURLToPath(new URL('../../../', import.meta.url))
  const port = String(await freePort())
  const { PATH = '', HOME = '' } = process.env
  const settings = {
    DATABASE_URL: databaseUrl,
    PORT: port,
    LOAD_SAMPLE: 'never',
    WEB_APP: 'off',
    RATE_LIMIT_ANONYMOUS_PER_HOUR: '1000000000',
    ...(env.EMBEDDING_PROVIDER === undefined ? withoutModel : {}),
  }
  const child = spawn(process.execPath, ['apps/server/src/main.ts'], {
    cwd: folder,
    env: { PATH, HOME, NODE_ENV: 'production', ...settings, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const said = lastWords(child)
  const url = `http://127.0.0.1:${port}`
  const startedAt = performance.now()
  for (;;) {
    const isReady = await fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isReady) break
    if (child.exitCode !== null || performance.now() - startedAt > startLimitMs)
      throw new BadCallError(`${name} did not start: ${said()}`)
    await sleep(50)
  }
  return { name, url, pid: child.pid as number, close: () => stop(child) }
}

/** A server of `servers/`, on a port that the system chose. */
export async function startPeer(name: string, file: string, env: Record<string, string>): Promise<Server> {
  const program = new URL(`./servers/${file}.server.ts`, import.meta.url)
  const { child, message } = await forkProgram<{ port: number }>(program, [], env)
  return { name, url: `http://127.0.0.1:${message.port}`, pid: child.pid as number, close: () => stop(child) }
}

/** Starts all, each a fresh process, and ends them when `body` has ended. */
export async function withServers<Result>(
  starts: readonly (() => Promise<Server>)[],
  body: (servers: readonly Server[]) => Promise<Result>,
): Promise<Result> {
  const servers: Server[] = []
  try {
    for (const start of starts) servers.push(await start())
    return await body(servers)
  } finally {
    for (const server of servers) await server.close()
  }
}
