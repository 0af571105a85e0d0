import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { forkProgram, run, stop } from './children.ts'
import { hasProgram } from './has-program.ts'
import type { HttpRequest } from './http-request.ts'
import { wrkScript } from './wrk-script.ts'

export interface LoadOptions {
  readonly callers: number
  /** Whole ones: wrk knows no other. */
  readonly seconds: number
}

export interface LoadResult {
  readonly requests: number
  readonly seconds: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Errors of the connection, and answers that are not 2xx or 3xx. */
  readonly failed: number
}

export interface LoadTool {
  readonly name: string
  /** Sends the requests, each one picked at random, and waits for each answer before the same connection's next. */
  load(baseUrl: string, requests: readonly HttpRequest[], options: LoadOptions): Promise<LoadResult>
}

/** wrk with one thread where it is installed: a load tool in JavaScript is itself slower than some of these servers. */
export function findLoadTool(): LoadTool {
  return hasProgram('wrk') ? wrk : autocannonTool
}

const wrk: LoadTool = {
  name: 'wrk, 1 thread',
  load: (baseUrl, requests, { callers, seconds }) =>
    inFolder(async (folder) => {
      const script = join(folder, 'requests.lua')
      await writeFile(script, wrkScript(baseUrl, requests))
      const limits = ['--threads', '1', '--connections', `${callers}`, '--duration', `${seconds}s`, '--timeout', '10s']
      const path = requests.length === 1 ? (requests[0]?.path ?? '/') : '/'
      const output = await run('wrk', [...limits, '--script', script, `${baseUrl}${path}`])
      const [, json] = /^RESULT (.*)$/m.exec(output) ?? []
      if (json === undefined) throw new Error(`wrk printed no result:\n${output}`)
      return JSON.parse(json) as LoadResult
    }),
}

const autocannonTool: LoadTool = {
  name: 'autocannon in a process of its own (wrk is not installed)',
  load: (baseUrl, requests, options) =>
    inFolder(async (folder) => {
      const file = join(folder, 'work.json')
      await writeFile(file, JSON.stringify({ baseUrl, requests, ...options }))
      const { child, message } = await forkProgram<LoadResult>(new URL('./autocannon-load.ts', import.meta.url), [file])
      await stop(child)
      return message
    }),
}

/** For what is too long for a command line. */
async function inFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'extropy-load-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}
