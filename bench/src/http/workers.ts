import { readdirSync, readFileSync } from 'node:fs'
import { medianMs, withCpuTimeOf } from '../load.ts'
import type { Contender } from '../rounds.ts'
import { runTrial } from '../rounds.ts'
import { send, underHttpLoad } from './load.ts'
import { type Server, startExtropy, withServers } from './servers.ts'
import { keyed, type Suite } from './suite.ts'

const callers = 32
const names = { one: 'one process', two: 'two workers', shared: 'two workers, Redis' }

/**
 * What a second worker brings on cached hits, by processor time: a process can use one core, and two of them two, so that requests a
 * second of processor time, times the processes, is what cores of their own would give. The load tool needs a core itself. And what a
 * write costs that another worker must hear of.
 */
export async function benchWorkers(suite: Suite): Promise<void> {
  const { url, key, userIds } = suite
  const { TEST_REDIS_URL: redis } = process.env
  const request = { path: '/api/cards?limit=20', headers: keyed(key) }
  const starts = [
    () => startExtropy(names.one, url),
    () => startExtropy(names.two, url, { WORKERS: '2' }),
    ...(redis === undefined ? [] : [() => startExtropy(names.shared, url, { WORKERS: '2', REDIS_URL: redis })]),
  ]
  // One after the other for writes: a server beside it would be one more to tell.
  const profile = `/api/users/${userIds[0]}`
  const patch = async ({ url: base }: Server, n: number) => {
    const headers = { ...keyed(key), 'content-type': 'application/json' }
    const response = await fetch(base + profile, {
      method: 'PATCH',
      headers,
      body: JSON.stringify({ bio: `Round ${n}` }),
    })
    if (!response.ok) throw new Error(`a write failed: ${await response.text()}`)
    await response.arrayBuffer()
  }
  const writing = starts.map((start, at) => ({
    name: Object.values(names)[at] as string,
    measure: () =>
      withServers([start], async ([server]) => ({
        value: await medianMs(suite.quick ? 50 : 300, (n) => patch(server as Server, n)),
      })),
  }))
  await runTrial({
    suite: 'http',
    unit: 'ms',
    name: 'a write, one caller',
    rounds: suite.quick ? 1 : 3,
    seconds: 1,
    contenders: writing,
    comparisons: writing.slice(1).map(({ name }) => ({ of: name, to: names.one })),
  })
  await withServers(starts.slice(0, 2), async (servers) => {
    for (const server of servers) for (let n = 0; n < 8; n++) await send(server.url, request)
    const contenders = servers.map((server): Contender => {
      const processes = server.name === names.one ? 1 : 2
      const loaded = underHttpLoad(server, [request], callers)
      return {
        name: server.name,
        async measure(seconds) {
          const startedAt = performance.now()
          const [sample, micros] = await withCpuTimeOf(processesOf(server.pid), () => loaded.measure(seconds))
          const requests = sample.value * seconds
          process.stdout.write(
            `${server.name}: ${Math.round(sample.value)} requests/s by the clock, ${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`,
          )
          return {
            value: (processes * requests * 1e6) / (micros ?? Number.NaN),
            cpuMicros: micros && micros / requests,
          }
        },
      }
    })
    await runTrial({
      ...suite,
      // Each worker compiles its code by itself, and gets half of the requests.
      warmUpSeconds: suite.quick ? 8 : 15,
      suite: 'http',
      unit: 'requests/s on cores of its own',
      name: `cached: GET /api/cards, ${callers} connections, by processor time`,
      contenders,
      comparisons: [{ of: names.two, to: names.one, goals: ['two workers / one process, cached, by processor time'] }],
    })
  })
}

/** It and its children; Linux alone tells. */
function processesOf(pid: number): readonly number[] {
  const children = readdirSync('/proc').filter((name) => {
    try {
      return (
        /^\d+$/.test(name) &&
        Number(
          readFileSync(`/proc/${name}/stat`, 'latin1')
            .replace(/^.*\) /s, '')
            .split(' ')[1],
        ) === pid
      )
    } catch {
      return false
    }
  })
  return [pid, ...children.map(Number)]
}
