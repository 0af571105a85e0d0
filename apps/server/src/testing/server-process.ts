import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('../../../..', import.meta.url))

/** Node reads a program's modules from here the second time: a start takes three fifths of its processor time. */
const compileCache = join(root, 'node_modules/.cache/node-compile')

export interface RunningProcess {
  readonly child: ChildProcess
  /** Everything printed so far, both streams. */
  output(): string
  /** Resolves when the output matches; rejects when the process ends first. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>
  exit(): Promise<number | null>
}

/** Starts one of the product's programs as a user would, with nothing of this process's settings. */
export function run(
  script: string,
  args: readonly string[],
  env: Record<string, string>,
  { cwd = root }: { readonly cwd?: string } = {},
): RunningProcess {
  const child = spawn(process.execPath, [script, ...args], {
    cwd,
    env: { PATH: process.env.PATH ?? '', NODE_COMPILE_CACHE: compileCache, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  const closed = once(child, 'close').then(([code]) => code as number | null)
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      text += chunk
      child.emit('output')
    })
  }
  return {
    child,
    output: () => text,
    exit: () => closed,
    async waitFor(pattern) {
      for (;;) {
        const match = pattern.exec(text)
        if (match) return match
        const ended = await Promise.race([once(child, 'output').then(() => false), closed.then(() => true)])
        if (ended && !pattern.test(text)) throw new Error(`ended before «${pattern}»:\n${text}`)
      }
    },
  }
}

/** Runs commands one after the other in one process, which spares the start of each; `file` as in `pnpm` scripts. */
export async function runCommands(
  calls: readonly (readonly [file: string, args: readonly string[]])[],
  env: Record<string, string>,
): Promise<{ status: number; output: string }[]> {
  const given = JSON.stringify(calls.map(([file, args]) => [pathToFileURL(join(root, file)).href, args]))
  const started = run('apps/server/src/testing/run-commands.ts', [given], env)
  if ((await started.exit()) !== 0 || !started.output().startsWith('[')) throw new Error(started.output())
  return JSON.parse(started.output())
}

/** A key made as an operator makes one: by `pnpm keys create`. */
export async function createKey(env: Record<string, string>, ...options: readonly string[]): Promise<string> {
  const issued = run('apps/server/src/cli/keys.ts', ['create', '--user', 'ada', ...options], env)
  await issued.exit()
  const key = /extro_live_[\w-]+/.exec(issued.output())?.[0]
  if (key === undefined) throw new Error(`no key was made:\n${issued.output()}`)
  return key
}

/** A server on a free port; resolves when it listens. */
export async function startServer(
  env: Record<string, string>,
  options: { readonly cwd?: string } = {},
): Promise<RunningProcess & { readonly url: string }> {
  const server = run(
    'apps/server/src/main.ts',
    [],
    { PORT: '0', LOAD_SAMPLE: 'never', WEB_APP: 'off', ...env },
    options,
  )
  const [, url = ''] = await server.waitFor(/serving on (http:\S+)/)
  return { ...server, url }
}
