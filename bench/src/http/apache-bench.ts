import { record, skip } from '../results.ts'
import { table } from '../table.ts'
import { run } from './children.ts'
import { hasProgram } from './has-program.ts'
import { send } from './http-request.ts'
import { median } from './rounds.ts'
import { startExtropy } from './servers.ts'
import type { Suite } from './suite.ts'

interface AbRun {
  readonly meanMs: number
  readonly failed: number
}

const requests = 1000
const concurrency = 10
const command = `ab -n ${requests} -c ${concurrency}`

/** What operators have always typed, on the routes that they type it on. */
export async function benchApacheBench(suite: Suite): Promise<void> {
  const { data, quick, port } = suite
  const server = await startExtropy('Extropy', { databaseUrl: data.url, port })
  const ab = hasProgram('ab') ? runAb : undefined
  if (ab === undefined) skip(command, 'ab is not installed; the load tool stands in, for a second a run')
  const load = ab ?? throughTool(suite)
  const cases = [
    { name: '/health/performance', path: '/health/performance', fresh: false, belowMs: 5 },
    { name: '/api/cards, uncached', path: '/api/cards', fresh: true, belowMs: 5 },
    { name: '/api/cards, cached', path: '/api/cards', fresh: false, belowMs: 1 },
  ]
  try {
    const rows: string[][] = []
    for (const { name, path, fresh, belowMs } of cases) {
      const { status } = await send(server.url, { path })
      if (status !== 200) {
        skip(`${command} on ${path}`, `it answers ${status}`)
        continue
      }
      const url = `${server.url}${path}`
      // The first run is the one that a person sees who tries it once: on code that is not compiled yet.
      const runs: AbRun[] = []
      for (let round = 0; round < (quick ? 3 : 7); round++) runs.push(await load(url, fresh))
      const [first, ...later] = runs
      const means = later.map(({ meanMs }) => meanMs)
      const failed = runs.reduce((sum, each) => sum + each.failed, 0)
      const isMet = failed === 0 && median(means) < belowMs
      rows.push([
        name,
        first?.meanMs.toFixed(2) ?? '',
        median(means).toFixed(2),
        String(failed),
        `< ${belowMs} ms, none failed: ${isMet ? 'met' : 'MISSED'}`,
      ])
      const goal = `< ${belowMs}`
      record({
        suite: 'http',
        name: `${command}: ${name}`,
        contender: 'Extropy',
        unit: 'ms',
        value: median(means),
        samples: means,
        goal,
      })
      record({
        suite: 'http',
        name: `${command}: ${name}, failed`,
        contender: 'Extropy',
        unit: 'requests',
        value: failed,
        goal: '= 0',
      })
    }
    process.stdout.write(`\n### ${ab === undefined ? suite.tool.name : command}\n`)
    process.stdout.write(table(['', 'first run, mean ms', 'later runs, mean ms', 'failed', 'goal'], rows))
  } finally {
    await server.close()
  }
}

async function runAb(url: string, fresh: boolean): Promise<AbRun> {
  // -l: answers may differ in length, as times and counts do.
  const header = fresh ? ['-H', 'Cache-Control: no-cache'] : []
  const output = await run('ab', ['-l', '-q', '-n', String(requests), '-c', String(concurrency), ...header, url])
  const number = (pattern: RegExp) => Number(pattern.exec(output)?.[1] ?? 0)
  return {
    meanMs: number(/Time per request:\s+([\d.]+) \[ms\] \(mean\)/),
    failed: number(/Failed requests:\s+(\d+)/) + number(/Non-2xx responses:\s+(\d+)/),
  }
}

const throughTool =
  ({ tool }: Suite) =>
  async (url: string, fresh: boolean): Promise<AbRun> => {
    const { origin, pathname } = new URL(url)
    const request = { path: pathname, headers: fresh ? { 'Cache-Control': 'no-cache' } : {} }
    const result = await tool.load(origin, [request], { callers: concurrency, seconds: 1 })
    return { meanMs: (1000 * result.seconds * concurrency) / result.requests, failed: result.failed }
  }
