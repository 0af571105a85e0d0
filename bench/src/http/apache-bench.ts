import { hasProgram } from '../bench-case.ts'
import { run } from '../children.ts'
import type { GoalName } from '../goals.ts'
import { median } from '../ratio.ts'
import { record, skip } from '../results.ts'
import { table } from '../table.ts'
import { startExtropy, withServers } from './servers.ts'
import type { Suite } from './suite.ts'

const command = 'ab -n 1000 -c 10'
const cases: [name: string, path: string, header: string[], goal: GoalName][] = [
  ['/health/performance', '/health/performance', [], 'ab -n 1000 -c 10, /health/performance: mean ms'],
  [
    '/api/cards, uncached',
    '/api/cards',
    ['-H', 'Cache-Control: no-cache'],
    'ab -n 1000 -c 10, /api/cards uncached: mean ms',
  ],
  ['/api/cards, cached', '/api/cards', [], 'ab -n 1000 -c 10, /api/cards cached: mean ms'],
]

/** `ab` as operators have always typed it, on the routes that they type it on. */
export async function benchApacheBench({ url, quick }: Suite): Promise<void> {
  if (!hasProgram('ab')) return skip(command, 'ab is not installed')
  await withServers([() => startExtropy('Extropy', url)], async ([server]) => {
    const rows: string[][] = []
    for (const [name, path, header, goal] of cases) {
      const runs: { meanMs: number; failed: number }[] = []
      for (let round = 0; round < (quick ? 3 : 7); round++) runs.push(await runAb(`${server?.url}${path}`, header))
      // The first run is on code that is not compiled yet.
      const samples = runs.slice(1).map(({ meanMs }) => meanMs)
      const [value, failed] = [median(samples), runs.reduce((sum, each) => sum + each.failed, 0)]
      const measured = { suite: 'http', contender: 'Extropy' }
      record({ ...measured, name: `${command}: ${name}`, unit: 'ms', value, samples, goals: [goal] })
      const goals: GoalName[] = ['ab -n 1000 -c 10: failed requests']
      record({ ...measured, name: `${command}: ${name}, failed`, unit: 'requests', value: failed, goals })
      rows.push([name, value.toFixed(2), String(failed)])
    }
    process.stdout.write(`\n### ${command}\n`)
    process.stdout.write(table(['', 'mean ms', 'failed'], rows))
  })
}

async function runAb(url: string, header: readonly string[]): Promise<{ meanMs: number; failed: number }> {
  // -l: answers may differ in length, as times and counts do.
  const [, ...options] = command.split(' ')
  const output = await run('ab', ['-l', '-q', ...options, ...header, url])
  const number = (pattern: RegExp) => Number(pattern.exec(output)?.[1] ?? 0)
  return {
    meanMs: number(/Time per request:\s+([\d.]+) \[ms\] \(mean\)/),
    failed: number(/Failed requests:\s+(\d+)/) + number(/Non-2xx responses:\s+(\d+)/),
  }
}
