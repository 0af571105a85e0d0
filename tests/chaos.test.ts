import { expect, test } from 'vitest'
import { noEnginesBecause, startEngines } from './chaos/engines.ts'
import { runChaos } from './chaos/run.ts'

if (noEnginesBecause !== undefined) process.stderr.write(`Not run: chaos (${noEnginesBecause}).\n`)

test.skipIf(noEnginesBecause !== undefined)(
  'while everything is killed in turn, no answer is older than its stamp, and nothing acknowledged is lost',
  async ({ annotate }) => {
    const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31)
    await using engines = await startEngines()
    const report = await runChaos(engines, {
      ...{ operations: 1000, seed, cards: 2000, workers: 2 },
      first: ['kill a worker', 'promote the replica'],
    })
    await annotate(
      `${report.reads} reads, ${[...report.faults].map(([fault, count]) => `${fault} ${count}`).join(', ')}`,
    )
    expect({ seed, problems: report.problems }).toEqual({ seed, problems: [] })
    expect(report.faults.size).toBeGreaterThan(3)
    expect([...report.faults.keys()]).toContain('promote the replica')
    expect(report.hits).toBeGreaterThan(0)
    expect(report.revokedTried).toBeGreaterThan(0)
  },
  400_000,
)
