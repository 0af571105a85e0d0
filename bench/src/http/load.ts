import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { hasProgram } from '../bench-case.ts'
import { run } from '../children.ts'
import { withFolder } from '../databases.ts'
import { withCpuTime } from '../load.ts'
import type { Contender } from '../rounds.ts'
import type { Server } from './servers.ts'
import { type HttpRequest, wrkScript } from './wrk-script.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

export async function send(baseUrl: string, { path, headers = {} }: HttpRequest): Promise<Answer> {
  const response = await fetch(`${baseUrl}${path}`, { headers })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

interface LoadResult {
  readonly requests: number
  readonly seconds: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Errors of the connection, and answers that are not 2xx or 3xx. */
  readonly failed: number
}

/** Sends the requests, each one picked at random or in turn, and waits for each answer before the same connection's next. */
type Load = (
  baseUrl: string,
  requests: readonly HttpRequest[],
  options: { readonly callers: number; readonly seconds: number },
) => Promise<LoadResult>

const wrk: Load = (baseUrl, requests, { callers, seconds }) =>
  withFolder(async (folder) => {
    const script = join(folder, 'requests.lua')
    await writeFile(script, wrkScript(baseUrl, requests))
    const limits = ['--threads', '1', '--connections', `${callers}`, '--duration', `${seconds}s`, '--timeout', '10s']
    const path = requests.length === 1 ? requests[0]?.path : '/'
    const output = await run('wrk', [...limits, '--script', script, `${baseUrl}${path}`])
    const [, json] = /^RESULT (.*)$/m.exec(output) ?? []
    if (json === undefined) throw new Error(`wrk printed no result:\n${output}`)
    return JSON.parse(json) as LoadResult
  })

const autocannon: Load = (baseUrl, requests, { callers, seconds }) =>
  withFolder(async (folder) => {
    const file = join(folder, 'requests.har')
    const entries = requests.map(({ path, headers = {} }) => {
      const named = Object.entries(headers).map(([name, value]) => ({ name, value }))
      return { request: { method: 'GET', url: `${baseUrl}${path}`, headers: named } }
    })
    await writeFile(file, JSON.stringify({ log: { entries } }))
    const program = createRequire(import.meta.url).resolve('autocannon')
    const limits = ['--connections', `${callers}`, '--duration', `${seconds}`, '--har', file, '--json']
    const output = await run(process.execPath, [program, ...limits, baseUrl])
    const result = JSON.parse(output)
    return {
      requests: result.requests.total,
      seconds: result.duration,
      p50Ms: result.latency.p50,
      p99Ms: result.latency.p99,
      failed: result.errors + result.non2xx,
    }
  })

/** wrk with one thread where it is installed: a load tool in JavaScript is itself slower than some of these servers. */
const hasWrk = hasProgram('wrk')
export const load = hasWrk ? wrk : autocannon
export const loadTool = hasWrk ? 'wrk, 1 thread' : 'autocannon (wrk is not installed)'

/** A server under the load tool. A failed request ends the run: its speed would be that of refusing. */
export function underHttpLoad(
  { name, url, pid }: Server,
  requests: readonly HttpRequest[],
  callers: number,
  more: Partial<Contender> = {},
): Contender {
  return {
    name,
    async measure(seconds) {
      const [result, cpu] = await withCpuTime(pid, () => load(url, requests, { callers, seconds }))
      if (result.failed > 0) throw new Error(`${result.failed} of ${result.requests} requests to ${name} failed`)
      const { p50Ms, p99Ms } = result
      return { value: result.requests / result.seconds, p50Ms, p99Ms, cpuMicros: cpu && cpu / result.requests }
    },
    ...more,
  }
}
